"""``treaty-status.csv``: where every state stands with the treaty, and since when.

The file is the campaign's own and may be absent: the report then has no section on the treaty. Its
columns: ``state`` (ISO 3166 code or name), ``status`` (``party``, ``signatory``, ``not_joined``)
and ``year`` (of the deposit of the instrument, for parties).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from outreach_merge import catalogue
from outreach_merge.model import Problem, Recipient, Status

if TYPE_CHECKING:
    from outreach_merge.protocol import StateLookup

TREATY_FILE = "treaty-status.csv"
_COLUMNS = ("state", "status", "year")


@dataclass(frozen=True, slots=True)
class TreatyRow:
    """One state's position.

    :param state: ISO 3166 alpha-3.
    :param year: year of the deposit of its instrument; ``None`` for a state that is no party.
    """

    state: str
    status: Status
    year: int | None = None


@dataclass(frozen=True, slots=True)
class TreatyFile:
    """What the file says, and what is wrong with it; no rows where there is no file."""

    rows: tuple[TreatyRow, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_treaty_status(folder: Path, find_state: Callable[[str], StateLookup]) -> TreatyFile:
    """Read the campaign's ``treaty-status.csv``.

    :param find_state: the state of a code or name.
    """
    path = folder / TREATY_FILE
    if not path.is_file():
        return TreatyFile()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return TreatyFile((), (catalogue.TREATY_FILE_UNREADABLE.at(TREATY_FILE, reason=error),))
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        lacking, needed = ", ".join(missing), ", ".join(_COLUMNS)
        kind = catalogue.MISSING_TREATY_COLUMN
        return TreatyFile((), (kind.at(TREATY_FILE, 1, missing=lacking, columns=needed),))
    rows: dict[str, TreatyRow] = {}
    problems: list[Problem] = []
    for number, cells in enumerate(reader, start=2):
        clean = {column: (cells[column] or "").strip() for column in _COLUMNS}
        state = find_state(clean["state"])
        found = list(_problems(clean, number, state, rows))
        problems.extend(found)
        if not found:
            year = int(clean["year"]) if clean["year"] else None
            row = TreatyRow(state.iso3, Status(clean["status"]), year)
            rows[row.state] = row
    return TreatyFile(tuple(rows.values()), tuple(problems))


def _problems(
    cells: Mapping[str, str], number: int, found: StateLookup, earlier: Collection[str]
) -> Iterator[Problem]:
    place = (TREATY_FILE, number)
    state, status, year = (cells[column] for column in _COLUMNS)
    if found.problem is not None:
        yield replace(found.problem, file=TREATY_FILE, row=number, column="state")
    elif found.iso3 in earlier:
        yield catalogue.DUPLICATE_STATE.at(*place, "state", state=found.iso3)
    if status not in tuple(Status):
        known = ", ".join(Status)
        yield catalogue.BAD_STATUS.at(*place, "status", status=status, known=known)
    elif year and status != Status.PARTY:
        yield catalogue.YEAR_OF_NO_PARTY.at(*place, "year", state=state)
    elif not year and status == Status.PARTY:
        yield catalogue.NO_YEAR.at(*place, "year", state=state)
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        yield catalogue.BAD_YEAR.at(*place, "year", year=year)


def disagreements(
    rows: Collection[TreatyRow], recipients: Collection[Recipient], file: str
) -> Iterator[Problem]:
    """Rows of the recipients' file that give another status than the treaty file.

    :param file: name of the recipients' file.
    """
    status = {row.state: row.status for row in rows}
    seen: set[str] = set()
    for recipient in recipients:
        said = status.get(recipient.state)
        if said in (None, recipient.status) or recipient.state in seen:
            continue
        seen.add(recipient.state)
        state, here, place = recipient.state, recipient.status, (file, recipient.row, "status")
        yield catalogue.STATUS_DIFFERS.at(*place, state=state, status=here, other=said)
