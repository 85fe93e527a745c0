"""`make bench`: compares the costs of sharing with other ways."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

# At the end, so that the installed package comes before the checkout.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks import (
    author,
    compare,
    long_page,
    loops,
    main_thread,
    phone,
    pixels,
    presenting,
    relays,
    stalled,
    visits,
    wire,
)
from benchmarks.audience import ROOT
from benchmarks.note import note
from benchmarks.result import Table
from benchmarks.table import RELAY_MARKERS, markdown, write


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a few rounds, and docs/performance.md stays as it is"
    )
    parser.add_argument("--times", type=int, default=7, help="rounds, of which the median counts")
    parser.add_argument(
        "--only", action="append", help="measure this part only, by its name; may be repeated; writes no file"
    )
    parser.add_argument(
        "--relay", action="store_true", help="measure relays with up to 2,000 viewers, and nothing else"
    )
    options = parser.parse_args()
    times = 2 if options.quick else options.times
    few, plots = (1, 30) if options.quick else (max(1, times // 2), long_page.PLOTS)
    began = time.monotonic()
    if options.relay:
        found = markdown(relays.tables(relays.measure(times)), note(times))
        print(found)
        if not options.quick:
            write(ROOT / "docs" / "performance.md", found, RELAY_MARKERS)
        return 0
    tables: list[Table] = []
    parts: dict[str, Callable[[], list[Table]]] = {
        "bytes": lambda: [wire.table()],
        "the author's costs": lambda: [author.table(times)],
        "the author's cells": lambda: [loops.table(times)],
        "presenting": lambda: [presenting.table(3 if options.quick else presenting.MOVING)],
        "visits": lambda: visits.tables(times),
        "a slow phone": lambda: [phone.table(phone.measure(few))],
        "a long page": lambda: [long_page.table(long_page.measure(few, plots), plots)],
        "the main thread": lambda: [main_thread.table(main_thread.measure(few))],
        "pixels": lambda: pixels.tables(pixels.measure(times)),
        "a stalled viewer": lambda: [stalled.table()],
        "updates": lambda: compare.tables(compare.measure(times)),
    }
    if unknown := set(options.only or ()) - set(parts):
        parser.error(f"no part {', '.join(sorted(unknown))}; the parts are {', '.join(parts)}")
    for name, measured in parts.items():
        if options.only and name not in options.only:
            continue
        print(f"\n== {name}, at {time.monotonic() - began:.0f} s\n", flush=True)
        found = measured()
        print(markdown(found), flush=True)
        tables = [*found, *tables]
    if not options.quick and not options.only:
        write(ROOT / "docs" / "performance.md", markdown(tables, note(times)))
    missed = [row.what for table in tables for row in table.rows if "not met" in row.verdict()]
    print(f"\n== {time.monotonic() - began:.0f} s; goals not met: {'; '.join(missed) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
