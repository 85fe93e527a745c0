"""What Tornado and Bokeh say of visitors, line by line and with what they sent: complaints instead."""

from __future__ import annotations

import logging
from contextvars import Context, ContextVar, copy_context

from tornado.log import app_log, gen_log

from .visitor_log import log_misuse

MISUSE_BY_TORNADO_MESSAGE = {
    "Malformed HTTP message": "a request that makes no sense",
    "Unsatisfiable read": "a request that is too long",
    "Timeout reading body": "a request that does not come to its end",
}
"""By what Tornado's lines begin with."""

PANEL_LOGGER = "panel.reactive"
"""Panel's log, where it prints each value of a viewer's that it refuses, before it raises what we report."""
FILTERED_LOGGERS = (
    gen_log,
    app_log,
    logging.getLogger("bokeh.server.contexts"),
    logging.getLogger(PANEL_LOGGER),
)
"""The third warns of documents whose viewers leave in the moment that Bokeh looks for such."""

_is_for_visitors: ContextVar[bool] = ContextVar("bokeh_share for visitors", default=False)


def build_visitor_context() -> Context:
    """Where what visitors send is read and answered; what is begun there goes on there, on any loop."""
    context = copy_context()
    context.run(_is_for_visitors.set, True)
    return context


class VisitorLogFilter(logging.Filter):
    """Keeps out of `FILTERED_LOGGERS` what is said `build_visitor_context`, from `start` to `stop`.

    Without a log of the author's even a connection that breaks would be printed into a cell, as a warning.
    Errors are let through: they would be ours. What is said of others is none of our business.
    """

    def start(self) -> None:
        for log in FILTERED_LOGGERS:
            log.addFilter(self)

    def stop(self) -> None:
        for log in FILTERED_LOGGERS:
            log.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        if not _is_for_visitors.get():
            return True
        if record.levelno >= logging.ERROR:
            return record.name != PANEL_LOGGER
        for prefix, kind in MISUSE_BY_TORNADO_MESSAGE.items():
            if str(record.msg).startswith(prefix):
                log_misuse(kind)
        return False
