"""Containers and arrays of the author's that are watched for changes in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.core.serialization import Serializer

from bokeh_share.plots.snapshot.fingerprint import ArrayFingerprint, Fingerprint, copy_contents


def fingerprint(*containers: Any) -> Fingerprint:
    return Fingerprint.from_pairs([(each, copy_contents(each)) for each in containers])


def test_containers_that_nobody_touched_are_unchanged() -> None:
    assert fingerprint([1, [2]], {"a": object()}, [], {}).is_unchanged()
    assert fingerprint().is_unchanged()


def test_what_is_equal_but_another_object_is_a_change() -> None:
    items = [1.5]
    watched = fingerprint(items)
    items[0] = float("1.5")
    assert not watched.is_unchanged()


@pytest.mark.parametrize(
    "change",
    [
        lambda items, names: items.append(4),
        lambda items, names: items.pop(),
        lambda items, names: items.reverse(),
        lambda items, names: items.__setitem__(1, 5),
        lambda items, names: names.update(c=3),
        lambda items, names: names.pop("a"),
        lambda items, names: names.update(a=7),
        lambda items, names: names.update(c=names.pop("b")),
        lambda items, names: items.append(names.pop("b")),
    ],
    ids=["more", "less", "turned round", "set", "a key more", "a key less", "a value", "renamed", "moved"],
)
def test_a_change_of_one_container_is_noticed(change: Callable[[Any, Any], object]) -> None:
    items, names = [1, 2, 3], {"a": 1, "b": 2}
    watched = fingerprint(["before"], items, names, {"after": 0})
    assert watched.is_unchanged()
    change(items, names)
    assert not watched.is_unchanged()


def test_a_key_that_was_renamed_with_its_value_kept_is_a_change() -> None:
    names: dict[str, Any] = {"a": None}
    watched = fingerprint(names)
    names["b"] = names.pop("a")
    assert not watched.is_unchanged()


DAY = np.datetime64("2026-01-01", "D")
DAYS = np.timedelta64(9, "D")
ARRAYS: dict[str, tuple[Callable[[], Any], Any]] = {
    "floats": (lambda: np.arange(6.0), -1.0),
    "a nan": (lambda: np.array([np.nan, 1.0]), 0.0),
    "a zero": (lambda: np.array([0.0, 1.0]), -0.0),
    "single floats": (lambda: np.arange(6, dtype="f4"), -1.0),
    "integers": (lambda: np.arange(6), 7),
    "unsigned integers": (lambda: np.arange(6, dtype="u8"), 7),
    "integers too large for 32 bits": (lambda: np.arange(6) + 2**40, 7),
    "small integers": (lambda: np.arange(6, dtype="i2"), 7),
    "integers that no longer fit": (lambda: np.arange(6), 2**40),
    "yes and no": (lambda: np.array([True, False]), False),
    "dates": (lambda: DAY + np.arange(6).astype("m8[D]"), DAY + DAYS),
    "times": (lambda: DAY.astype("M8[ns]") + np.arange(6).astype("m8[s]"), DAY + DAYS),
    "spans": (lambda: np.arange(6).astype("m8[s]"), np.timedelta64(9, "s")),
    "texts": (lambda: np.array(["a", "b"]), "c"),
    "objects": (lambda: np.array(["a", None, 1.5], object), "b"),
    "a picture": (lambda: np.arange(6.0).reshape(2, 3), -1.0),
    "every other": (lambda: np.arange(12.0)[::2], -1.0),
    "a picture on its side": (lambda: np.arange(6.0).reshape(2, 3).T, -1.0),
    "masked": (lambda: np.ma.array([1.0, 2.0], mask=[False, True]), 5.0),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_whose_value_is_set_in_place_is_another(name: str) -> None:
    make, value = ARRAYS[name]
    array = make()
    watched = _array_fingerprint(array)
    assert watched.is_unchanged()
    array[(0,) * array.ndim] = value
    assert not watched.is_unchanged()


def test_what_another_thread_changes_during_a_capture_is_a_change() -> None:
    array, items = np.arange(3.0), [1, 2]
    sent, then = array.tobytes(), copy_contents(items)
    array[0] = 9
    items.append(3)
    assert not ArrayFingerprint.from_array(array, sent).is_unchanged()
    assert not Fingerprint.from_pairs([(items, then)]).is_unchanged()


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="numpy 2 has such texts")
def test_texts_that_numpy_keeps_elsewhere_are_not_vouched_for() -> None:
    assert not ArrayFingerprint.from_array(np.array(["a"], np.dtypes.StringDType())).is_unchanged()


def test_an_empty_array_is_unchanged() -> None:
    assert _array_fingerprint(np.array([])).is_unchanged()
    assert _array_fingerprint(np.array([], object)).is_unchanged()


def test_an_object_that_took_the_place_of_one_that_is_gone_is_another() -> None:
    """Where an object was, another may be once the first is freed: so it is kept alive."""
    array = np.array([object()], object)
    watched = ArrayFingerprint.from_array(array)
    for _ in range(100):
        array[0] = object()
        assert not watched.is_unchanged()


def test_what_is_no_numpy_array_and_was_sent_item_by_item_is_not_vouched_for() -> None:
    assert not ArrayFingerprint.from_array(range(3)).is_unchanged()


def _array_fingerprint(array: Any) -> ArrayFingerprint:
    """Its fingerprint in a captured plot."""
    buffers = Serializer().serialize(array).buffers
    return ArrayFingerprint.from_array(array, bytes(buffers[0].data) if buffers else None)
