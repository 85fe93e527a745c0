"""The broker that the author chose for a share, from the options and the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from ..broker import BROKER_VARIABLE
from ..errors import ConflictingOptions
from .errors import MissingOption
from .options import GUESSABLE_LINK_HELP, Options

DEFAULT_RETENTION = 7.0
"""Days for which relays show the last state after the kernel has ended."""
SECONDS_PER_DAY = 24 * 3600


@dataclass(frozen=True)
class BrokerChoice:
    """The broker of a share, if it has one."""

    url: str = field(default="", repr=False)
    """The URL as the author gave it, maybe with a password; empty without a broker."""
    retention: float = DEFAULT_RETENTION
    """In days."""
    is_from_environment: bool = False
    is_declined: bool = False
    """True if the author wants no broker, so that the environment does not count."""

    @property
    def retention_seconds(self) -> int:
        return max(1, round(self.retention * SECONDS_PER_DAY))

    def merge_options(
        self, options: Options, *, has_token: bool, environment: str | None = None
    ) -> BrokerChoice:
        """Return the choice after these options were given. `has_token` is true if the link will have a
        token; `environment` is the URL in the environment, this process's unless given.

        Raises `ConflictingOptions` for a link without a token, and `MissingOption` for a retention without a
        broker.
        """
        choice = self._choose_broker(options, has_token=has_token, environment=environment)
        if choice.url and not has_token:
            raise _build_conflict(options, choice)
        if options.retention is None:
            return choice
        if not choice.url:
            raise MissingOption("--retention", "--broker")
        return replace(choice, retention=float(options.retention))

    def _choose_broker(self, options: Options, *, has_token: bool, environment: str | None) -> BrokerChoice:
        if options.broker is False:
            return BrokerChoice(is_declined=True)
        if options.broker:
            return replace(self, url=options.broker, is_from_environment=False, is_declined=False)
        if self.url or self.is_declined or not (has_token or options.token is False):
            return self
        if environment is None:
            environment = os.environ.get(BROKER_VARIABLE, "")
        return replace(self, url=environment, is_from_environment=True) if environment.strip() else self


NO_BROKER = BrokerChoice()


def _build_conflict(options: Options, choice: BrokerChoice) -> ConflictingOptions:
    """Build the error for a broker and a link without a token, by the one that was given now."""
    if options.token is not False:
        hint = "--fresh makes a link that cannot be guessed"
        return ConflictingOptions("--broker", "the short link", hint)
    other = BROKER_VARIABLE if choice.is_from_environment else "--broker"
    return ConflictingOptions("--no-token", other, f"{GUESSABLE_LINK_HELP}, or give --no-broker")
