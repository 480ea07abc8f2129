"""Measures workbooks: recipients read from XLSX, and the dispatch log written as XLSX.

Run from the top folder: ``python -m benchmarks.workbook [--rows N] [--letters N]``. Processor
time is user and system time of this process; peak memory is its resident set (Linux).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import xlsxwriter

from benchmarks.export import dispatch, enter, letter
from outreach_merge.dispatch_log import Format, events_table, export, letters_table, make_log
from outreach_merge.protocol import Protocol
from outreach_merge.recipients import COLUMNS, read_recipients, read_table
from outreach_merge.register import Register

_COLUMNS = 31


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=46_000)
    parser.add_argument("--letters", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / "recipients.xlsx"
        with measured(f"write {options.rows} x {_COLUMNS} cells"):
            write_recipients(workbook, options.rows)
        with measured("import pandas"):
            import pandas  # noqa: F401
        with measured("read the cells"):
            table = read_table(workbook, workbook.name)
        assert (len(table.rows), len(table.header)) == (options.rows, _COLUMNS)
        del table
        with measured("read the recipients"):
            found = read_recipients(workbook, Protocol.load(), languages=["en"], issues=[])
        assert len(found.recipients) == options.rows
        assert not found.problems
        del found
        with Register.open(Path(folder) / "register.sqlite", "benchmark") as register:
            enter(register, options.letters, letter)
            enter(register, options.letters, dispatch)
            log = make_log(register.events())
        tables = [letters_table(log), events_table(log)]
        with measured(f"the dispatch log of {options.letters} letters as XLSX"):
            size = len(export(tables, Format.XLSX))
        print(f"{size / 1e6:.1f} MB")


def write_recipients(path: Path, rows: int) -> None:
    """A workbook of recipients, with columns of the office's own up to ``_COLUMNS``."""
    header = [*COLUMNS, *(f"note_{at}" for at in range(_COLUMNS - len(COLUMNS)))]
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, header)
    states = cycle(("KEN", "NAM", "Ivory Coast", "Türkiye"))
    for row, state in zip(range(1, rows + 1), states, strict=False):
        cells: dict[str, str | int] = {
            "id": f"recipient-{row}",
            "state": state,
            "kind": "head_of_state",
            "office": "president",
            "language": "en",
            "status": "not_joined",
            "name": f"Recipient number {row}",
            "gender": "f" if row % 2 else "m",
            "channel": "by_hand",
            "city": f"City {row}",
        }
        for at, column in enumerate(header):
            value = cells.get(column, "" if column in COLUMNS else f"note {row}")
            sheet.write(row, at, row if column == "note_1" else value)
    book.close()


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print seconds, processor seconds and by how much the peak of memory rose."""
    wall, processor, before = time.perf_counter(), time.process_time(), peak_mb()
    yield
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    risen = peak_mb() - before
    print(f"{wall:7.2f} s {processor:7.2f} s processor {risen:+7.0f} MB peak  {what}")


def peak_mb() -> float:
    """The highest resident set of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
