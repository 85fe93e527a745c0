"""Firefox, driven by WebDriver BiDi, which it speaks without a driver."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.bidi import BidiSession, connect_to_browser
from support.engine_page import EnginePage, Point, ScriptError
from support.programs import run_program

NOWHERE = 9
"""The port of the service `discard`, which no machine has."""
PREFERENCES: dict[str, bool | int | str] = {
    # The browser's own requests go to a proxy that is not there. Requests to this machine use none.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": NOWHERE,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": NOWHERE,
    # And it makes none: no updates, experiments, telemetry, lists of bad sites, checks of region and network.
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.ml.enable": False,
    "browser.region.network.url": "",
    "browser.region.update.enabled": False,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "browser.translations.enable": False,
    "captivedetect.canonicalURL": "",
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.usage.uploadEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.blocklist.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.http.speculative-parallel-limit": 0,
    "network.prefetch-next": False,
    "network.trr.mode": 5,
    "services.settings.server": "data:,",
    "signon.rememberSignons": False,
    "toolkit.telemetry.server": "data:,",
    "toolkit.telemetry.unified": False,
    # Pages receive touches, and animate nothing.
    "dom.w3c_touch_events.enabled": 1,
    "ui.prefersReducedMotion": 1,
}
ENVIRON = {
    "MOZ_CRASHREPORTER_DISABLE": "1",
    "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",  # or the preference `services.settings.server` has no effect
}
# WebDriver's own touches are sent to the page's scripts only: they scroll nothing.
TOUCH = """async (steps) => {
    for (const points of JSON.parse(steps)) {
        for (const [state, number, x, y] of points) {
            windowUtils.sendNativeTouchPoint(number, state, x, y, 1, 90, null);
        }
        await new Promise((done) => setTimeout(done, 16));
    }
}"""
"""Touches the browser's window as a screen would. Each step has a state of each finger, and its place."""
CONTACT, REMOVE = 2, 4
EVENTS = ("log.entryAdded", "network.beforeRequestSent", "network.fetchError")
REPORT_POLICY = """() => addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`policy: ${violatedDirective} refuses ${blockedURI}`);
})"""
SIZE = {"width": 1280, "height": 900}


class Firefox:
    """A running Firefox without windows."""

    name = "firefox"
    has_touch = True

    def __init__(self, session: BidiSession) -> None:
        self._session = session
        session.send("session.subscribe", events=EVENTS)
        session.send("script.addPreloadScript", functionDeclaration=REPORT_POLICY)

    def open_page(self, *, width: int = SIZE["width"], height: int = SIZE["height"]) -> FirefoxPage:
        """Open an empty page, with cookies and storage of its own."""
        return FirefoxPage(self._session, {"width": width, "height": height})


class FirefoxPage(EnginePage):
    """A tab of Firefox."""

    def __init__(self, session: BidiSession, size: dict[str, int]) -> None:
        self._session = session
        self._user: str = session.send("browser.createUserContext")["userContext"]
        created = session.send("browsingContext.create", type="tab", userContext=self._user)
        self._context: str = created["context"]
        (tree,) = session.send("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        self._window: str = tree["context"]
        self._hosts: set[str | None] = set()
        session.send("browsingContext.setViewport", context=self._context, viewport=size, devicePixelRatio=1)

    def navigate(self, url: str) -> None:
        self._hosts.add(urlsplit(url).hostname)
        self._session.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def call(self, function: str) -> str:
        parameters = {"functionDeclaration": function, "target": {"context": self._context}}
        answer = self._session.send("script.callFunction", awaitPromise=True, **parameters)
        if answer["type"] != "success":
            raise ScriptError(answer["exceptionDetails"]["text"])
        return str(answer["result"]["value"])

    def perform(self, *sources: dict[str, Any]) -> None:
        self._session.send("input.performActions", context=self._context, actions=sources)

    def touch(self, *paths: Sequence[Point]) -> None:
        left, top = self.evaluate("() => [mozInnerScreenX, mozInnerScreenY]")
        places = [[(left + x, top + y) for x, y in points] for points in zip(*paths, strict=True)]
        steps = [[(CONTACT, number, *place) for number, place in enumerate(each)] for each in places]
        end = [(REMOVE, number, *place) for number, place in enumerate(places[-1])]
        given = {"type": "string", "value": json.dumps([*steps, end])}
        parameters = {"functionDeclaration": TOUCH, "arguments": [given], "target": {"context": self._window}}
        self._session.send("script.callFunction", awaitPromise=True, **parameters)

    def take_screenshot(self) -> bytes:
        answer = self._session.send("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(answer["data"])

    def list_troubles(self) -> list[str]:
        self._session.send("session.status")  # all events before its answer have arrived then
        return [trouble for event in self._session.events if (trouble := self._describe(event))]

    def _describe(self, event: dict[str, Any]) -> str | None:
        """Describe the trouble that an event reports; None if it is another page's, or no trouble."""
        details = event["params"]
        if self._context not in (details.get("context"), details.get("source", {}).get("context")):
            return None
        if event["method"] == "log.entryAdded":
            return f"{details['level']}: {details['text']}" if details["level"] in ("error", "warn") else None
        url = details["request"]["url"]
        if event["method"] == "network.fetchError":
            return f"request failed: {url} {details['errorText']}"
        address = urlsplit(url)
        is_own = address.scheme in ("data", "blob", "about") or address.hostname in self._hosts
        return None if is_own else f"request to somebody else: {url}"

    def close(self) -> None:
        self._session.send("browser.removeUserContext", userContext=self._user)


@contextmanager
def run_firefox(program: str, folder: Path) -> Iterator[Firefox]:
    """Run Firefox with a new profile in this folder."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    environ = {
        **os.environ,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "MOZ_CRASHREPORTER_DISABLE": "1",
        "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",
    }
    # tests touch the browser's own window
    remote = ("--remote-debugging-port=0", "--remote-allow-system-access")
    command = [program, "--headless", *remote, "--profile", profile]
    with run_program(command, folder / "log", environ) as firefox:
        address = firefox.wait_for_output(r"^WebDriver BiDi listening on (ws://\S+)$")
        with connect_to_browser(f"{address}/session") as session:
            yield Firefox(session)
