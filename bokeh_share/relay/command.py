"""The command line of a relay: `bokeh-share relay`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NoReturn

from redis.exceptions import RedisError

from ..broker import (
    AUTHOR_NAME,
    BROKER_VARIABLE,
    BrokerRefused,
    BrokerUrl,
    PageStream,
    StreamKeys,
    build_author_rules,
    build_relay_rules,
)
from ..errors import BadOption, BokehShareError
from ..network import Address
from ..server import ServerLimits, TlsOptions, TrustedProxies, bind_sockets
from ..text import hide_passwords, print_line, write_to_stream
from .demo import run_demo_broker
from .errors import RelayCannotStart
from .relay_options import (
    DEFAULT_JOIN_RATE,
    DEFAULT_MAX_VIEWERS,
    DEFAULT_RELAY_PORT,
    RelayOptions,
    choose_relay_addresses,
    load_relay_certificate,
    load_secret,
)
from .relay_url import RelayUrl
from .server import RelayServer
from .worker_processes import WorkerProcesses

log = logging.getLogger(__name__)

SECRET_VARIABLE = "BOKEH_SHARE_RELAY_SECRET"
RELAY_USER = "relay"
"""The name of relays in the lines of `--print-acl`."""
RELAY_DESCRIPTION = """\
Serve shares from a broker, Redis or Valkey, to which authors publish with --broker. Ends with Ctrl-C or
SIGTERM.
"""


def run_relay_command(argv: Sequence[str], program: str = "bokeh-share") -> int:
    """Run `bokeh-share relay` with these words. Return the exit code: 2 for a wrong command line."""
    parser = _build_parser(program)
    try:
        args = parser.parse_args(argv)
        if args.print_acl is not None:
            return _print_acl(args.print_acl)
        _set_up_log()
        return _run_demo(args) if args.demo else _run(_read_options(args))
    except BokehShareError as error:
        print_line(str(error), is_error=True)
        return 2
    except KeyboardInterrupt:  # before the process listens, or on Windows
        return 0


class _RelayParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RelayCannotStart(hide_passwords(message), f"see {self.prog} --help")


def _build_parser(program: str) -> argparse.ArgumentParser:
    parser = _RelayParser(prog=f"{program} relay", description=RELAY_DESCRIPTION, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--broker",
        metavar="URL",
        help=f"the broker, such as rediss://relay:PASSWORD@redis.example.org/0; "
        f"better set {BROKER_VARIABLE}, since others can read command lines",
    )
    add(
        "--public-url",
        metavar="URL",
        help="the address that viewers type, such as https://plots.example.org;"
        " {author} at the beginning of its host stands for the author's name",
    )
    add(
        "--address",
        default="local",
        metavar="A",
        help="the addresses to listen on: local (the default), "
        "external, all, 0.0.0.0, one of this machine's, or an interface",
    )
    add("--port", type=int, default=DEFAULT_RELAY_PORT, metavar="N", help="the port (default: %(default)s)")
    add("--workers", type=int, default=1, metavar="N", help="the number of processes that share the port")
    add(
        "--max-viewers",
        type=int,
        default=DEFAULT_MAX_VIEWERS,
        metavar="N",
        help="the maximum number of viewers of one process (default: %(default)s)",
    )
    add(
        "--join-rate",
        type=float,
        default=DEFAULT_JOIN_RATE,
        metavar="N",
        help="the maximum number of new pages per second (default: %(default)g)",
    )
    add(
        "--trust-proxy",
        action="append",
        default=[],
        metavar="CIDR",
        help="a network of proxies whose X-Forwarded-For and X-Forwarded-Proto count; may be repeated",
    )
    add("--tls", action="store_true", help="serve https, with a certificate that is made if none is given")
    add("--certfile", metavar="F", help="the certificate for --tls, as PEM")
    add("--keyfile", metavar="F", help="its key, if it is not in the same file")
    add(
        "--metrics-port",
        type=int,
        metavar="N",
        help="serve /metrics for Prometheus at this port; further processes use the ports after it",
    )
    add(
        "--secret-file",
        metavar="F",
        help="the file with the secret of all relays of the broker, which "
        f"signs the sessions of viewers; or set {SECRET_VARIABLE}",
    )
    add("--demo", action="store_true", help="run a broker and a relay for this machine only")
    add(
        "--print-acl",
        nargs="*",
        metavar="AUTHOR",
        help="print the lines of the broker's ACL file for these authors and for relays, and end",
    )
    return parser  # fmt: skip


def _read_options(args: argparse.Namespace) -> RelayOptions:
    """Check the options. Raises `BokehShareError`."""
    broker = args.broker or os.environ.get(BROKER_VARIABLE, "")
    if not broker:
        advice = f"give --broker and its URL, or set {BROKER_VARIABLE}; --demo runs one"
        raise RelayCannotStart("a relay needs a broker", advice)
    for option, value in (("--workers", args.workers), ("--max-viewers", args.max_viewers)):
        if value < 1:
            raise BadOption(option, value, "give a number from 1 on")
    if args.workers > 1 and not hasattr(os, "fork"):
        raise BadOption("--workers", args.workers, "this system has no fork; start several relays")
    if not args.join_rate > 0:
        raise BadOption("--join-rate", args.join_rate, "give a number greater than 0")
    if args.keyfile is not None and args.certfile is None:
        raise BadOption("--keyfile", args.keyfile, "give the certificate with --certfile, too")
    tls = TlsOptions(args.certfile, args.keyfile) if args.tls or args.certfile is not None else None
    secret, has_own_secret = load_secret(args.secret_file, os.environ.get(SECRET_VARIABLE))
    return RelayOptions(
        broker=BrokerUrl.parse(broker),
        url=RelayUrl.parse(args.public_url),
        addresses=choose_relay_addresses(args.address),
        port=args.port,
        workers=args.workers,
        limits=ServerLimits(max_viewers=args.max_viewers, join_rate=args.join_rate),
        proxies=TrustedProxies.parse(args.trust_proxy),
        tls=tls,
        metrics_port=_check_metrics_port(args),
        secret=secret,
        has_own_secret=has_own_secret,
    )


def _check_metrics_port(args: argparse.Namespace) -> int | None:
    port: int | None = args.metrics_port
    if port is None:
        return None
    if not 0 < port <= 65536 - args.workers:
        raise BadOption("--metrics-port", port, "give a number from 1 to 65535")
    try:
        import prometheus_client  # noqa: F401  # each process needs it later
    except ImportError:
        hint = 'it needs the package prometheus-client: pip install "bokeh_share[relay]"'
        raise BadOption("--metrics-port", port, hint) from None
    return port


def _run(options: RelayOptions) -> int:
    """Run the relay until it ends. Raises `BokehShareError`."""
    _check_broker(options.broker)
    if not options.has_own_secret:
        log.info(
            "no --secret-file and no %s: viewers enter passwords again after a restart, and on other relays",
            SECRET_VARIABLE,
        )
    certificate = load_relay_certificate(options)
    with ExitStack() as cleanup:
        port, sockets = bind_sockets(options.addresses, port=options.port)
        options = replace(options, port=port)
        metrics_sockets = [
            bind_sockets([_choose_metrics_address(options)], port=options.metrics_port + number)[1]
            for number in range(options.workers)
            if options.metrics_port is not None
        ]
        for sock in (*sockets, *(each for worker in metrics_sockets for each in worker)):
            cleanup.callback(sock.close)

        def serve(number: int, parent: int | None) -> None:
            own_metrics = metrics_sockets[number] if metrics_sockets else ()
            RelayServer(options, sockets, own_metrics, certificate).run(parent)

        if options.workers == 1:
            serve(0, None)
            return 0
        return WorkerProcesses(options.workers, serve).run()


def _choose_metrics_address(options: RelayOptions) -> Address:
    return options.addresses[0]


def _check_broker(url: BrokerUrl) -> None:
    """Raise `UnsuitableBroker` if the broker cannot keep pages. One that cannot be reached, or refuses, may
    do so later."""
    stream = PageStream(url, StreamKeys.from_secret("relay", "relay"))
    try:
        stream.check_server()
    except (BrokerRefused, RedisError, OSError):
        pass  # the process logs it, and tries again
    finally:
        stream.close()


def _run_demo(args: argparse.Namespace) -> int:
    with run_demo_broker() as broker:
        options = _read_options(argparse.Namespace(**vars(args) | {"broker": broker}))
        url = f"{options.scheme}://127.0.0.1:{options.port}"
        write_to_stream(
            sys.stdout,
            f"In a notebook:  %bokeh_share --broker {broker}\n"
            f"The relay:      {url}/ and the token of the share's link; the card shows the whole link\n"
            "Ctrl-C ends both.\n",
        )
        return _run(options)


def _print_acl(authors: Sequence[str]) -> int:
    """Print the lines of an ACL file, with passwords to fill in."""
    for author in authors:
        if AUTHOR_NAME.fullmatch(author) is None or author in ("default", RELAY_USER):
            hint = "give a name with letters, digits and . _ @ - only, and neither default nor relay"
            raise BadOption("--print-acl", author, hint)
    users = {author: build_author_rules(author) for author in authors}
    lines = ["user default off"]
    for user, rules in {**users, RELAY_USER: build_relay_rules()}.items():
        lines.append(f"user {user} on >CHANGE-ME {' '.join(rules)}")
    write_to_stream(sys.stdout, "\n".join(lines) + "\n")
    return 0


def _set_up_log() -> None:
    """Write the log as lines to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(__name__.partition(".")[0]).setLevel(logging.INFO)
