"""Errors of the broker, each with its data as attributes."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError


@dataclass(eq=False)
class InvalidBrokerUrl(BokehShareError):
    """The URL of the broker cannot be used. The message has no URL, which may contain a password."""

    reason: str

    def __str__(self) -> str:
        return f"the broker's URL {self.reason}: give one such as rediss://author@redis.example.org/0"


@dataclass(eq=False)
class UnsuitableBroker(BokehShareError):
    """The broker can be reached, and cannot keep a page."""

    broker: str
    """The URL without its password."""
    reason: str
    advice: str

    def __str__(self) -> str:
        return f"the broker {self.broker!r} {self.reason}: {self.advice}"


@dataclass(eq=False)
class BrokerRefused(BokehShareError):
    """The broker refuses the user, or a command."""

    broker: str
    """The URL without its password."""
    reason: str

    def __str__(self) -> str:
        return (
            f"the broker {self.broker!r} refuses ({self.reason}):"
            " check the user name, the password and the ACL"
        )


@dataclass(eq=False)
class EntryTooLarge(BokehShareError):
    """The broker does not take entries of this size, though it answers otherwise."""

    size: int
    """The size of the largest entry, in bytes."""

    def __str__(self) -> str:
        return f"the broker does not take an entry of {self.size} bytes"


class PublisherFenced(BokehShareError):
    """Another kernel has taken over the stream of this share."""

    def __str__(self) -> str:
        return "another kernel shares this notebook now"


class StreamLost(BokehShareError):
    """The broker has lost the stream, for example since it was flushed."""

    def __str__(self) -> str:
        return "the broker has lost the page"


class StreamGap(BokehShareError):
    """A step came for a state that the reader does not have; the stream has to be read from its beginning."""

    def __str__(self) -> str:
        return "entries of the stream are missing"


@dataclass(eq=False)
class UnknownStreamVersion(BokehShareError):
    """The entries were written by another version of bokeh_share."""

    version: str

    def __str__(self) -> str:
        return f"the stream has version {self.version!r}: use the same bokeh_share for notebook and relay"


@dataclass(eq=False)
class InvalidEntry(BokehShareError):
    """An entry of a stream is damaged, or was not written by the author's kernel."""

    reason: str

    def __str__(self) -> str:
        return f"an entry of the stream is not valid: {self.reason}"
