"""Replaces log lines of Tornado and Bokeh about visitors, which quote what they sent, by the visitor log."""

from __future__ import annotations

import logging
from contextvars import Context, ContextVar, copy_context

from tornado.log import app_log, gen_log

from .visitor_log import log_misuse

MISUSE_BY_TORNADO_MESSAGE = {
    "Malformed HTTP message": "malformed request",
    "Unsatisfiable read": "request too long",
    "Timeout reading body": "incomplete request",
}
"""The kind of misuse for the beginning of a Tornado log line."""

PANEL_LOGGER = "panel.reactive"
"""Panel's log. Panel prints each value of a viewer's that it rejects, before the error that is reported
here."""
FILTERED_LOGGERS = (
    gen_log,
    app_log,
    logging.getLogger("bokeh.server.contexts"),
    logging.getLogger(PANEL_LOGGER),
)
"""The loggers to filter. The third warns of documents whose viewers leave while Bokeh looks for unused
ones."""

_is_for_visitors: ContextVar[bool] = ContextVar("bokeh_share for visitors", default=False)


def build_visitor_context() -> Context:
    """Return a context for reading and answering what visitors send. Tasks that start in it stay in it, on
    any loop."""
    context = copy_context()
    context.run(_is_for_visitors.set, True)
    return context


class VisitorLogFilter(logging.Filter):
    """Drops records of `build_visitor_context` from `FILTERED_LOGGERS`, between `start` and `stop`.

    Without the author's own logging, even a broken connection would be printed into a cell, as a warning.
    Errors pass, since they are bugs of this package. Records from outside of the context pass too.
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
