"""What makes no sense is refused where it is asked for; what is not said stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bokeh_share.errors import BadOption, ConflictingOptions
from bokeh_share.server.certificate import TlsOptions
from bokeh_share.sharing.binding import EndpointOptions
from bokeh_share.sharing.options import Options, build_options

PORT = "give a number from 1 to 65535, or 0 for any free port"


@pytest.mark.parametrize("port", [-1, 65536, "5006", 5006.0, True])
def test_a_port_is_a_whole_number_that_ports_have(port: Any) -> None:
    with pytest.raises(BadOption) as error:
        Options(port=port)
    assert str(error.value) == f"port cannot be {port!r}: {PORT}"


@pytest.mark.parametrize("port", [0, 65535, np.int64(5006)])
def test_any_whole_number_will_do(port: Any) -> None:
    assert Options(port=port).port == port


@pytest.mark.parametrize("number", ["200", 2.5, True])
def test_viewers_are_counted_in_whole_numbers(number: Any) -> None:
    with pytest.raises(BadOption) as error:
        Options(max_viewers=number)
    assert str(error.value) == f"max_viewers cannot be {number!r}: give a whole number, such as 20"


def test_a_link_that_can_be_guessed_is_not_made_anew() -> None:
    with pytest.raises(ConflictingOptions) as error:
        Options(token=False, fresh=True)
    assert str(error.value) == "--fresh and --no-token exclude each other: give one of them"


@pytest.mark.parametrize("external", [None, True])
def test_an_empty_address_is_none(external: bool | None) -> None:
    """As of a shell's variable that is not set."""
    with pytest.raises(BadOption) as error:
        build_options({"external": external, "address": ""})
    assert (
        str(error.value) == "--address cannot be '': give an address or an interface, or leave the option out"
    )


def test_the_authors_certificate_stays_until_another_one_is_named() -> None:
    own = EndpointOptions().merge_options(Options(tls=True, certfile="own.pem", keyfile="key.pem"))
    assert (
        own.merge_options(Options(tls=True)).tls_options
        == own.merge_options(Options()).tls_options
        == TlsOptions("own.pem", "key.pem")
    )
    assert own.merge_options(Options(tls=True, certfile="other.pem")).tls_options == TlsOptions("other.pem")
    assert EndpointOptions().merge_options(Options(tls=True)).tls_options == TlsOptions()
