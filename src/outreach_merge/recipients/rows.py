"""Reads rows of text as recipients; every fault is a problem with its row and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from outreach_merge import catalogue
from outreach_merge.files import is_safe_name
from outreach_merge.model import (
    Channel,
    Gender,
    Kind,
    Problem,
    Recipient,
    Status,
    split_names,
)
from outreach_merge.protocol import Protocol
from outreach_merge.recipients.table import read_table
from outreach_merge.wording import nearest, suggest

#: Column of ``recipients.csv`` -> its meaning; printed in the docs.
COLUMNS: Mapping[str, str] = {
    "id": "Unique name of the row; blank: <ISO3>-<kind>.",
    "state": "ISO 3166 code (KEN or KE) or a name in any language of the program (Türkiye, Кения).",
    "kind": "head_of_state, head_of_government, foreign_minister, mission, consulate, parliament.",
    "office": "What the addressee holds: president, king, prime_minister, speaker, ...",
    "name": "The person, or several separated by ';'; blank: addressed to the office.",
    "gender": "f, m or blank.",
    "honorific": "Personal titles as codes separated by ';': dr, sheikh, general, ...",
    "style": "Only where it differs from the office's: highness, majesty, ...",
    "body": "Name of the parliament or mission in the letter's language; blank: made from the "
    "state's name.",
    "address": "Further lines of the inside address; may hold line breaks.",
    "city": "City of the inside address, in the letter's language.",
    "email": "For the office's own use; never printed.",
    "language": "Language of the letter: en, fr, es, ar, ru, zh.",
    "courtesy_language": "Language of an unofficial translation sent along; blank: none.",
    "group": "Group of the state; the same in every row of a state, or blank.",
    "issues": "What the state raised, as codes separated by ';', in order of weight.",
    "status": "party, signatory or not_joined; the same in every row of a state, or blank.",
    "channel": "by_hand, through_mission, through_consulate, post or email.",
    "bearer": "Who hands the letter over.",
    "hold": "A reason; where it stands, no letter is made.",
    "confidential": "yes: counted, never named outside the office.",
}
_OBLIGATORY = ("state", "kind", "office", "language")
_LOCALIZED = re.compile(r"^(name|name_[a-z]+|body|city)_([a-z]{2,3})$")
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact of a state in one row: ``cell`` is the text, ``value`` its parsed form.

    ``value`` is ``None`` when the cell is invalid, which is reported separately.
    """

    row: int
    state: str
    column: str
    cell: str
    value: object


@dataclass(frozen=True, slots=True)
class RecipientsFile:
    """The valid recipients, and every problem."""

    recipients: tuple[Recipient, ...]
    problems: tuple[Problem, ...]


def read_recipients(
    path: Path,
    protocol: Protocol,
    *,
    languages: Collection[str],
    issues: Collection[str],
) -> RecipientsFile:
    """Read a recipients file.

    :param path: CSV (any separator or encoding a spreadsheet writes), XLSX or ODS.
    :param languages: codes the language columns may hold.
    :param issues: codes the column ``issues`` may hold.
    """
    name = path.name
    table = read_table(path, name)
    problems = list(table.problems)
    if table.header:
        problems.extend(_column_problems(table.header, name))
    if any(problem.code == "missing-column" for problem in problems):
        return RecipientsFile((), tuple(problems))
    reader = _RowReader(name, table.header, protocol, languages, issues)
    recipients = [reader.read(number, cells) for number, cells in table.records()]
    problems.extend(reader.problems)
    kept = [recipient for recipient in recipients if recipient is not None]
    duplicates = list(_duplicates(reader.ids, name))
    problems.extend(duplicates)
    problems.extend(_conflicts(reader.facts, name))
    problems.extend(_without_status(reader.states, reader.facts, name))
    shared = _share_facts_of_state(kept, reader.facts)
    again = {problem.row for problem in duplicates}
    usable = tuple(recipient for recipient in shared if recipient.row not in again)
    return RecipientsFile(usable, tuple(sorted(problems, key=lambda p: p.row or 0)))


def _column_problems(header: Sequence[str], name: str) -> Iterator[Problem]:
    for column in _OBLIGATORY:
        if column not in header:
            near = nearest(column, header)
            hint = f'Rename "{near}"?' if near else ""
            yield catalogue.MISSING_COLUMN.at(name, 1, column, suggestion=hint)
    for column in header:
        near = nearest(column, COLUMNS, cutoff=0.85)
        if near and column not in COLUMNS and near not in (*header, *_OBLIGATORY):
            yield catalogue.UNKNOWN_COLUMN.at(name, 1, column, near=near)


class _RowReader:
    """Reads one row after the other and collects the problems."""

    def __init__(
        self,
        file: str,
        header: Sequence[str],
        protocol: Protocol,
        languages: Collection[str],
        issues: Collection[str],
    ) -> None:
        self._file = file
        self._protocol = protocol
        self._languages = languages
        self._issues = issues
        self._localized = {
            column: (match[1], match[2])
            for column in header
            if (match := _LOCALIZED.match(column)) and match[2] in protocol.languages
        }
        self._extra = [c for c in header if c and c not in COLUMNS and c not in self._localized]
        self.problems: list[Problem] = []
        #: row and id, also of rows that cannot be used
        self.ids: list[tuple[int, str]] = []
        #: row and state, and what the row says of the state, also of rows that cannot be used
        self.states: list[tuple[int, str]] = []
        self.facts: list[_Fact] = []

    def read(self, row: int, cells: Mapping[str, str]) -> Recipient | None:
        """The recipient, or ``None`` when the row cannot be used."""
        before = len(self.problems)
        for column in _OBLIGATORY:
            if not cells[column]:
                self.problems.append(catalogue.BLANK_CELL.at(self._file, row, column))
        state = self._state(row, cells["state"])
        kind = self._choice(Kind, row, "kind", cells)
        office = self._office(row, kind, cells["office"])
        language = self._language(row, "language", cells)
        courtesy = self._language(row, "courtesy_language", cells)
        channel = self._choice(Channel, row, "channel", cells)
        status = self._choice(Status, row, "status", cells)
        gender = self._gender(row, cells.get("gender", ""))
        honorifics = self._form_codes(row, "honorific", language, cells)
        styles = self._form_codes(row, "style", language, cells)
        issues = self._issue_codes(row, cells.get("issues", ""))
        confidential = self._yes_or_no(row, "confidential", cells.get("confidential", ""))
        recipient_id = self._id(row, cells.get("id", ""), state, kind)
        if state is not None:
            self.states.append((row, state))
            said = {"group": cells.get("group"), "issues": issues, "status": status}
            self.facts.extend(
                _Fact(row, state, column, cells[column], value)
                for column, value in said.items()
                if cells.get(column)
            )
        if len(self.problems) > before or state is None or kind is None:
            return None
        facts = self._protocol.states[state]
        return Recipient(
            id=recipient_id,
            state=state,
            kind=kind,
            office=office,
            language=language,
            status=status or Status.NOT_JOINED,
            names=split_names(cells.get("name", "")),
            gender=gender,
            honorifics=honorifics,
            style=styles[0] if styles else "",
            body=cells.get("body", ""),
            address=_lines(cells.get("address", "")),
            city=cells.get("city", ""),
            email=cells.get("email", ""),
            courtesy_language=courtesy,
            group=cells.get("group", ""),
            issues=issues,
            channel=channel,
            bearer=cells.get("bearer", ""),
            hold=cells.get("hold", ""),
            confidential=confidential,
            region=facts.region,
            subregion=facts.subregion,
            localized={
                key: cells[column] for column, key in self._localized.items() if cells[column]
            },
            extra={column: cells[column] for column in self._extra},
            row=row,
        )

    def _unknown(self, row: int, column: str, cell: str, known: Iterable[str]) -> None:
        options = sorted(known)
        suggestion = suggest(cell, options)
        if not options:
            suggestion = f"List it first: {column} = [...] in campaign.toml."
        kind = catalogue.UNKNOWN_IN_COLUMN[column]
        self.problems.append(kind.at(self._file, row, column, cell=cell, suggestion=suggestion))

    def _state(self, row: int, cell: str) -> str | None:
        if not cell:
            return None
        found = self._protocol.find_state(cell)
        if found.problem is not None:
            self.problems.append(replace(found.problem, file=self._file, row=row, column="state"))
        return found.iso3 or None

    def _choice(
        self, choices: type[_Choice], row: int, column: str, cells: Mapping[str, str]
    ) -> _Choice | None:
        cell = cells.get(column, "").lower()
        if not cell:
            return None
        try:
            return choices(cell)
        except ValueError:
            self._unknown(row, column, cell, choices)
            return None

    def _office(self, row: int, kind: Kind | None, cell: str) -> str:
        code = cell.lower()
        if not code:
            return ""
        office = self._protocol.offices.get(code)
        if office is None:
            self._unknown(row, "office", code, self._protocol.offices)
        elif kind is not None and kind not in office.kinds:
            kinds, place = " or ".join(office.kinds), (self._file, row, "office")
            self.problems.append(
                catalogue.OFFICE_OF_OTHER_KIND.at(*place, kind=kind, office=code, kinds=kinds)
            )
        return code

    def _language(self, row: int, column: str, cells: Mapping[str, str]) -> str:
        code = cells.get(column, "").lower()
        if code and code not in self._languages:
            self._unknown(row, column, code, self._languages)
        return code

    def _gender(self, row: int, cell: str) -> Gender:
        try:
            return Gender(cell.lower())
        except ValueError:
            self.problems.append(catalogue.UNKNOWN_GENDER.at(self._file, row, "gender", cell=cell))
            return Gender.UNKNOWN

    def _issue_codes(self, row: int, cell: str) -> tuple[str, ...]:
        codes = split_names(cell.lower())
        for code in codes:
            if code not in self._issues:
                self._unknown(row, "issues", code, self._issues)
        return codes

    def _form_codes(
        self, row: int, column: str, language: str, cells: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Codes of honorifics or of a style that the row's language has; others are problems."""
        cell = cells.get(column, "").lower()
        codes = split_names(cell) if column == "honorific" else (cell,) if cell else ()
        if codes and language in self._languages:
            for code in codes:
                if code not in self._known_forms(column, language):
                    self._unknown(row, column, code, self._known_forms(column, language))
        return codes

    def _known_forms(self, column: str, language: str) -> Collection[str]:
        if language not in self._protocol.languages:
            return ()
        rules = self._protocol.language(language)
        if column == "style":
            return tuple(rules.offices["ranks"])
        return tuple(rules.settings.get("honorifics", ()))

    def _yes_or_no(self, row: int, column: str, cell: str) -> bool:
        if cell.lower() not in ("", "yes", "no"):
            self.problems.append(catalogue.UNKNOWN_ANSWER.at(self._file, row, column, cell=cell))
        return cell.lower() == "yes"

    def _id(self, row: int, cell: str, state: str | None, kind: Kind | None) -> str:
        if not cell and (state is None or kind is None):
            return ""
        self.ids.append((row, cell or f"{state}-{kind}"))
        if not cell:
            return f"{state}-{kind}"
        if not is_safe_name(cell):
            self.problems.append(catalogue.UNSAFE_ID.at(self._file, row, "id", cell=cell))
        return cell


def _lines(cell: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in cell.splitlines() if line.strip())


def _duplicates(ids: Iterable[tuple[int, str]], file: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row, recipient_id in ids:
        key = recipient_id.casefold()  # two files that differ in case are one on some machines
        if key in first:
            yield catalogue.DUPLICATE_ID.at(file, row, "id", id=recipient_id, first=first[key])
        else:
            first[key] = row


def _conflicts(facts: Iterable[_Fact], file: str) -> Iterator[Problem]:
    """A problem for each row that contradicts the first row with that fact of the state."""
    first: dict[tuple[str, str], _Fact] = {}
    for fact in facts:
        if fact.value is None:
            continue
        said = first.setdefault((fact.state, fact.column), fact)
        if said.value != fact.value:
            yield catalogue.CONFLICTING_FACTS[fact.column].at(
                file, fact.row, fact.column, cell=fact.cell, other=said.cell, first=said.row
            )


def _without_status(
    states: Iterable[tuple[int, str]], facts: Iterable[_Fact], file: str
) -> Iterator[Problem]:
    """A problem for each state without a status in any row, valid or not."""
    said = {fact.state for fact in facts if fact.column == "status"}
    for row, state in states:
        if state not in said:
            yield catalogue.NO_STATUS.at(file, row, "status", state=state)


def _share_facts_of_state(
    recipients: Iterable[Recipient], facts: Iterable[_Fact]
) -> Iterator[Recipient]:
    """Fill blank cells from other rows of the state; drops recipients without a status."""
    known: dict[str, dict[str, Any]] = {}
    for fact in facts:
        if fact.value is not None:
            known.setdefault(fact.state, {}).setdefault(fact.column, fact.value)
    for recipient in recipients:
        of_state = known.get(recipient.state, {})
        if "status" in of_state:
            missing = {
                column: value
                for column, value in of_state.items()
                if getattr(recipient, column) != value
            }
            yield replace(recipient, **missing) if missing else recipient
