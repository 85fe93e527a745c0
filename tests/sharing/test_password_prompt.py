"""The password that the author has for viewers."""

from __future__ import annotations

import getpass
import warnings
from typing import Any

import pytest

from bokeh_share.errors import BadCertificate, BokehShareError, UnusableAddress
from bokeh_share.sharing.errors import CannotAskPassword
from bokeh_share.sharing.options import Options
from bokeh_share.sharing.password_prompt import ask_password, resolve_options

CANNOT_ASK = "no password can be typed here: set BOKEH_SHARE_PASSWORD in the environment first"


def test_the_environments_is_taken_and_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOKEH_SHARE_PASSWORD", " open sesame ")
    monkeypatch.setattr(getpass, "getpass", None)
    assert ask_password() == " open sesame "


@pytest.mark.parametrize("given", [None, ""])
def test_else_it_is_typed(monkeypatch: pytest.MonkeyPatch, given: str | None) -> None:
    monkeypatch.delenv("BOKEH_SHARE_PASSWORD", raising=False)
    if given is not None:
        monkeypatch.setenv("BOKEH_SHARE_PASSWORD", given)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: {"Password for viewers: ": "typed"}[prompt])
    assert ask_password() == "typed"


def test_it_is_never_read_with_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    def echoing(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return "seen by all"

    monkeypatch.delenv("BOKEH_SHARE_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", echoing)
    with pytest.raises(CannotAskPassword) as error:
        ask_password()
    assert str(error.value) == CANNOT_ASK


@pytest.mark.parametrize("error", [EOFError(), OSError(), NotImplementedError()])
def test_where_nobody_can_type_that_is_an_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nobody(prompt: str) -> str:
        raise error

    monkeypatch.delenv("BOKEH_SHARE_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", nobody)
    with pytest.raises(CannotAskPassword):
        ask_password()


def test_an_interrupt_is_the_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.delenv("BOKEH_SHARE_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask_password()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"bind_address": "no-such"}, UnusableAddress), ({"tls": True, "certfile": "none.pem"}, BadCertificate)],
)
def test_the_author_is_asked_when_the_rest_is_right(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], error: type[BokehShareError]
) -> None:
    monkeypatch.delenv("BOKEH_SHARE_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "typed")
    assert resolve_options(Options(password="")).options.password == "typed"
    monkeypatch.setattr(getpass, "getpass", None)
    with pytest.raises(error):
        resolve_options(Options(password="", **wrong))
