from __future__ import annotations

from bokeh_share.cli.enclosing_command import EnclosingCommand, enclose, get_enclosing_command


def test_a_script_by_itself_has_no_enclosing_command() -> None:
    assert get_enclosing_command() == EnclosingCommand((), None)


def test_it_is_there_inside_of_the_context_only() -> None:
    command = EnclosingCommand(("--external", "--port=5010"), "open sesame")
    with enclose(command):
        assert get_enclosing_command() is command
    assert get_enclosing_command() == EnclosingCommand()


def test_its_password_is_in_no_text_about_it() -> None:
    assert "open sesame" not in repr(EnclosingCommand((), "open sesame"))
