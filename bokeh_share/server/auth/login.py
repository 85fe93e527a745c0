"""The login page, and the handlers of its forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache

from tornado.template import Template

from ...text import format_quantity
from ..assets import read_static_file
from ..base_handler import BaseHandler
from ..csp import build_inline_policy
from .access_control import AccessControl
from .login_throttle import LoginThrottle

SAFE_PATH = re.compile(r"(?!/)(?:(?!\.\.|//|\\)[!->@-~])*(?:\?[!-~]*)?")
"""A valid address to return to: a path below the prefix, and a query."""

FORM_PATHS = ("/login", "/logout")
"""Paths that receive the forms."""

STATE_PATH = "/login/state"
"""Path at which a page checks its access: the answer is 204, or 200 if the password is needed first."""


class LoginPage(BaseHandler):
    """Answers every request below the prefix with the login form until the password was entered."""

    def initialize(
        self,
        access: AccessControl,
        throttle: LoginThrottle,
        on_wrong_password: Callable[[str], None],
        on_logout: Callable[[str], None],
    ) -> None:
        self._access = access
        self._rules = access.rules
        self._throttle = throttle
        self._on_wrong_password, self._on_logout = on_wrong_password, on_logout

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Referrer-Policy", "same-origin")  # otherwise the form would not send its origin
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", build_inline_policy(*_load_login_assets()))

    def get(self) -> None:
        if self.request.path == STATE_PATH:
            self.set_status(204 if self._is_logged_in() else 200)
            self.finish()
        elif self.request.path in FORM_PATHS:  # after a wrong password; the page is at another path
            self._redirect_to("") if self._is_logged_in() else self._send_form("")
        else:
            query = f"?{self.request.query}" if self.request.query else ""
            self._send_form(self.request.path[1:] + query)

    async def post(self) -> None:
        if self.request.path == "/logout":
            self._log_out()
        elif self.request.path == "/login":
            await self._log_in()
        else:
            self._send_form("")

    async def _log_in(self) -> None:
        expected, ip = self._rules.password, str(self.request.remote_ip)
        next_path = self.get_body_argument("next", "")
        password = self.get_body_argument("password", "", strip=False)
        if expected is None:
            self._redirect_to(next_path)
            return
        outcome = await asyncio.wrap_future(self._throttle.submit(ip, lambda: expected.is_correct(password)))
        if outcome.retry_after:
            seconds = int(outcome.retry_after) + 1
            self.set_header("Retry-After", str(seconds))
            problem = f"Too many wrong passwords. Try again in {format_quantity(seconds, 'second')}."
            self._send_form(next_path, problem, status=429)
            return
        if not outcome.is_correct:
            self._on_wrong_password(ip)
            self._send_form(next_path, "This password is wrong.")
            return
        is_secure = self.request.protocol == "https" or self._has_https_origin
        # Without a path: then it is the prefix as the browser sees it, also behind a proxy.
        self.set_cookie(
            self._rules.cookie_name,
            expected.issue_session_token(),
            path="",
            httponly=True,
            samesite="Strict",
            secure=is_secure,
        )
        self._redirect_to(next_path)

    def _log_out(self) -> None:
        password = self._rules.password
        if password is not None:
            for session_token in self._access.read_valid_session_tokens(self.request):
                password.revoke(session_token)
                self._on_logout(session_token)
        self.clear_cookie(self._rules.cookie_name, path="")
        self.set_status(204)
        self.finish()

    def _is_logged_in(self) -> bool:
        return self._rules.password is None or bool(self._access.read_valid_session_tokens(self.request))

    @property
    def _has_https_origin(self) -> bool:
        """Return True if the browser used https, perhaps only to a proxy."""
        return self.request.headers.get("Origin", "").startswith("https:")

    def _redirect_to(self, next_path: str) -> None:
        self.set_status(303)
        self.set_header("Location", f"./{next_path if SAFE_PATH.fullmatch(next_path) else ''}")
        self.finish()

    def _send_form(self, next_path: str, problem: str = "", *, status: int = 401) -> None:
        self.set_status(status)
        self.set_header("WWW-Authenticate", "Form")  # an unknown scheme, so that browsers show no dialog
        if self.request.headers.get("Upgrade"):
            self.finish()
            return
        root = "../" * (self.request.path.count("/") - 1)
        style, script = _load_login_assets()
        self.finish(
            _load_login_template().generate(
                style=style, script=script, base_path=root, next_path=next_path, problem=problem
            )
        )


@lru_cache
def _load_login_template() -> Template:
    return Template(read_static_file("login.html").decode(), autoescape="xhtml_escape")


@lru_cache
def _load_login_assets() -> tuple[str, str]:
    """Load the page's style and script."""
    return read_static_file("login.css").decode(), read_static_file("login.mjs").decode()
