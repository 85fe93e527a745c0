"""Replaces log lines of Tornado and Bokeh about visitors, which quote these, by our visitor log."""

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
"""The kind of misuse for each beginning of a Tornado log line."""

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
    """Return a context for reading and answering what visitors send; tasks that start in it stay in it, on
    any loop."""
    context = copy_context()
    context.run(_is_for_visitors.set, True)
    return context


class VisitorLogFilter(logging.Filter):
    """Between `start` and `stop`, keeps records of `build_visitor_context` out of `FILTERED_LOGGERS`.

    If the author has set up no log, even a connection that breaks would be printed into a cell, as a warning.
    Errors pass: they would be our own. Records from outside of the context pass, too.
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
