from __future__ import annotations

import pytest

from bokeh_share.cli.main import main


def test_a_password_that_looks_like_a_file_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sales.ipynb", "--password", "secret.py"])
    message = capsys.readouterr().err
    assert "--password takes no value" in message
    assert "secret" not in message
