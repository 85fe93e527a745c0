"""The broker of a share: options, the environment, and what excludes each other."""

from __future__ import annotations

import pytest

from bokeh_share.broker.broker_url import BROKER_VARIABLE
from bokeh_share.errors import BadOption, BokehShareError, ConflictingOptions
from bokeh_share.sharing.argument_check import check_arguments
from bokeh_share.sharing.binding import ResolvedOptions
from bokeh_share.sharing.broker_choice import NO_BROKER, BrokerChoice
from bokeh_share.sharing.errors import BrokerIsNoText, MissingOption
from bokeh_share.sharing.options import Options, build_options

URL, OTHER = "redis://ann:hidden@h/0", "rediss://other"


def merge(
    options: Options, former: BrokerChoice = NO_BROKER, *, environment: str = "", has_token: bool = True
) -> BrokerChoice:
    return former.merge_options(options, has_token=has_token, environment=environment)


def test_an_option_wins_over_the_environment() -> None:
    assert merge(Options()) == NO_BROKER
    assert merge(Options(), environment=OTHER) == BrokerChoice(OTHER, is_from_environment=True)
    assert merge(Options(broker=URL), environment=OTHER) == BrokerChoice(URL)
    assert merge(Options(broker=False), environment=OTHER) == BrokerChoice(is_declined=True)


def test_a_running_share_keeps_its_choice_until_another_is_given() -> None:
    running = merge(Options(broker=URL, retention=0.5))
    assert running.retention_seconds == 43_200
    assert merge(Options(title="t"), running, environment=OTHER) == running
    assert merge(Options(broker=OTHER), running).retention == 0.5
    declined = merge(Options(broker=False), running)
    assert merge(Options(), declined, environment=OTHER) == declined
    assert merge(Options(broker=OTHER), declined) == BrokerChoice(OTHER)
    assert merge(Options(), NO_BROKER, environment=OTHER).url == OTHER, "set after the share has started"


def test_the_environment_is_read_when_a_share_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BROKER_VARIABLE, URL)
    resolved = ResolvedOptions.resolve(Options())
    assert resolved.broker == BrokerChoice(URL, is_from_environment=True)
    assert "hidden" not in repr(resolved)
    assert not resolved.leave_out_broker().broker.url
    monkeypatch.setenv(BROKER_VARIABLE, " ")
    assert ResolvedOptions.resolve(Options()).broker == NO_BROKER


def test_no_repr_has_the_password() -> None:
    assert "hidden" not in repr(Options(broker=URL)) + repr(merge(Options(broker=URL)))


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (
            Options(token=False),
            URL,
            "--no-token and BOKEH_SHARE_BROKER exclude each other: relays need",
        ),
        (Options(broker=URL), "", "--broker and the short link exclude each other: --fresh makes a link"),
    ],
)
def test_a_link_without_a_token_has_no_broker(options: Options, environment: str, message: str) -> None:
    with pytest.raises(ConflictingOptions, match=message):
        merge(options, environment=environment, has_token=False)
    assert merge(Options(), environment=URL, has_token=False) == NO_BROKER, "a short link that runs already"


def test_a_published_share_gets_no_short_link() -> None:
    with pytest.raises(ConflictingOptions, match=r"--no-token and --broker .* or give --no-broker"):
        merge(Options(token=False), BrokerChoice(URL), has_token=False)
    assert merge(Options(token=False, broker=False), BrokerChoice(URL), has_token=False).is_declined


def test_both_at_once_are_refused_with_a_reason() -> None:
    with pytest.raises(ConflictingOptions, match="relays need a link that cannot be guessed"):
        build_options({"token": False, "broker": URL})
    with pytest.raises(ConflictingOptions, match="--no-broker and --retention"):
        build_options({"broker": False, "retention": 1})


def test_a_retention_needs_a_broker() -> None:
    with pytest.raises(MissingOption, match="--retention needs --broker: give both"):
        merge(Options(retention=1))
    assert merge(Options(retention=1), environment=URL).retention == 1
    assert merge(Options(retention=1e-9), BrokerChoice(URL)).retention_seconds == 1


@pytest.mark.parametrize("retention", [0, -1, 1e9, float("nan"), float("inf"), True, "7"])
def test_a_retention_is_a_number_of_days(retention: object) -> None:
    with pytest.raises(BadOption, match="give a number of days from 0 to 3650, such as 30"):
        build_options({"broker": URL, "retention": retention})


def test_a_broker_that_is_no_text_is_refused_without_showing_it() -> None:
    check_arguments({"broker": URL})
    check_arguments({"broker": False})
    for value in (True, b"redis://:hidden@h"):
        with pytest.raises(BrokerIsNoText, match="give its URL, such as 'rediss://") as error:
            check_arguments({"broker": value})
        assert "hidden" not in str(error.value)


def test_an_empty_broker_is_refused() -> None:
    with pytest.raises(BokehShareError, match="broker cannot be '': give its URL, or --no-broker"):
        build_options({"broker": ""})
