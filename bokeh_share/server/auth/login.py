"""The page that asks for the password, and what takes it."""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tornado.template import Template

from ..assets import own_file
from ..base_handler import BaseHandler
from ..csp import inline_policy

if TYPE_CHECKING:
    from .guard import AccessGuard

SAFE_PATH = re.compile(r"(?!/)(?:(?!\.\.|//|\\)[!->@-~])*(?:\?[!-~]*)?")
"""An address below the prefix: a path that leads nowhere else, and a query."""

FORM_PATHS = ("/login", "/logout")
"""Where forms are sent."""

STATE_PATH = "/login/state"
"""Where a page asks whether it may come in: 204, or 200 where it has to ask for the password first."""


class LoginPage(BaseHandler):
    """Stands in for whatever was asked for below the prefix, until the password was given."""

    def initialize(self, guard: AccessGuard) -> None:
        self._guard = guard
        self._rules = guard.rules

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Referrer-Policy", "same-origin")  # else a form would not name its origin
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", inline_policy(*_parts()))

    def get(self) -> None:
        if self.request.path == STATE_PATH:
            self.set_status(204 if self._is_in() else 200)
            self.finish()
        elif self.request.path in FORM_PATHS:  # where a wrong password has led: the page is elsewhere
            self._send_to("") if self._is_in() else self._ask("")
        else:
            query = f"?{self.request.query}" if self.request.query else ""
            self._ask(self.request.path[1:] + query)

    async def post(self) -> None:
        if self.request.path == "/logout":
            self._leave()
        elif self.request.path == "/login":
            await self._enter()
        else:
            self._ask("")

    async def _enter(self) -> None:
        lock, ip = self._rules.lock, str(self.request.remote_ip)
        goal = self.get_body_argument("next", "")
        password = self.get_body_argument("password", "", strip=False)
        if lock is None:
            self._send_to(goal)
            return
        outcome = await asyncio.wrap_future(self._guard.throttle.add(ip, lambda: lock.fits(password)))
        if outcome.wait:
            seconds = int(outcome.wait) + 1
            self.set_header("Retry-After", str(seconds))
            self._ask(goal, f"Too many passwords were tried. Try again in {seconds} seconds.", status=429)
            return
        if not outcome.is_right:
            self._guard.on_wrong(ip)
            self._ask(goal, "That is not the password.")
            return
        is_private = self.request.protocol == "https" or self._came_by_tls
        # No path: that is then the prefix, as the browser sees it, behind a proxy too.
        self.set_cookie(
            self._guard.cookie,
            lock.session_token(),
            path="",
            httponly=True,
            samesite="Strict",
            secure=is_private,
        )
        self._send_to(goal)

    def _leave(self) -> None:
        lock = self._rules.lock
        if lock is not None:
            for session_token in self._guard.holding(self.request):
                lock.revoke(session_token)
                self._guard.on_leave(session_token)
        self.clear_cookie(self._guard.cookie, path="")
        self.set_status(204)
        self.finish()

    def _is_in(self) -> bool:
        return self._rules.lock is None or bool(self._guard.holding(self.request))

    @property
    def _came_by_tls(self) -> bool:
        """Whether the browser did, if only to a proxy."""
        return self.request.headers.get("Origin", "").startswith("https:")

    def _send_to(self, goal: str) -> None:
        self.set_status(303)
        self.set_header("Location", f"./{goal if SAFE_PATH.fullmatch(goal) else ''}")
        self.finish()

    def _ask(self, goal: str, problem: str = "", *, status: int = 401) -> None:
        self.set_status(status)
        self.set_header("WWW-Authenticate", "Form")  # a name that makes no browser ask by itself
        if self.request.headers.get("Upgrade"):
            self.finish()
            return
        up = "../" * (self.request.path.count("/") - 1)
        style, script = _parts()
        self.finish(_template().generate(style=style, script=script, up=up, goal=goal, problem=problem))


@lru_cache
def _template() -> Template:
    return Template(own_file("login.html").decode(), autoescape="xhtml_escape")


@lru_cache
def _parts() -> tuple[str, str]:
    """The page's style and its script."""
    return own_file("login.css").decode(), own_file("login.js").decode()
