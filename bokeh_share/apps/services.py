"""The services that the documents and viewers of all apps share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bokeh.model import Model

from .admission import Admission
from .document_memory import DocumentMemory
from .failures import FailureReporter
from .outbox import Outbox
from .outgoing import OutgoingMessages
from .protocol import ValueQuota
from .schedule import FairScheduler
from .viewer_watch import ViewerWatch


@dataclass(frozen=True)
class AppServices:
    """The limits for all apps of a share, and the functions to notify. Exists as long as the share."""

    admission: Admission
    failures: FailureReporter
    memory: DocumentMemory
    outbox: Outbox[OutgoingMessages]
    scheduler: FairScheduler
    value_quota: ValueQuota
    viewer_watch: ViewerWatch
    on_custom_models: Callable[[Iterable[type[Model]]], None]
    """Called with the author's own model classes that documents contain."""
    on_rejected: Callable[[], None]
    """Called when a viewer is rejected for lack of file descriptors."""
