"""Lists the options of publishing to a broker, for relays."""

from __future__ import annotations

from .option import FLAG_ONLY, Option
from .option_values import parse_days

BROKER_OPTIONS = (
    Option(
        name="broker",
        parse=str,
        metavar="URL",
        help="publish the page to this broker too, Redis or Valkey; relays serve it to any number of viewers",
        details="Without the option, the environment variable `BOKEH_SHARE_BROKER` counts. It is better for a"
        ' URL with a password, since cells are saved. Needs `pip install "bokeh_share[relay]"`.',
    ),
    Option(
        name="no_broker",
        parameter="broker",
        fronts=FLAG_ONLY,
        help="publish to no broker; sharing goes on without relays",
        details="Pages at relays say that sharing ended.",
    ),
    Option(
        name="retention",
        parse=parse_days,
        metavar="DAYS",
        help="for how long relays show the last state after the kernel has ended; 7 days unless given",
        details="They also show it after Ctrl-C in a terminal. When you stop sharing, they do not.",
        python_help="for how many days relays show the last state after the kernel has ended; 7 unless given",
    ),
)
