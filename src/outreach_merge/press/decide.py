"""What is to be done for a letter. Pure: no file is read or written, nothing is entered.

:func:`decide` is asked before a letter is rendered, :func:`decide_rendered` when it was, and
:func:`decide_unplanned` for letters that the register holds and nobody plans any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from outreach_merge import catalogue
from outreach_merge.model import PlannedLetter
from outreach_merge.plan import Plan
from outreach_merge.press.dependencies import InputDigest
from outreach_merge.press.outcomes import HeldBack
from outreach_merge.press.selection import Selection
from outreach_merge.register import LetterKey, LetterRecord, LetterStatus


@dataclass(frozen=True, slots=True)
class FileState:
    """A letter's file as it was found.

    :param digest: SHA-256, hexadecimal; empty when there is no file.
    :param ours: an earlier run wrote it and was killed before it entered it.
    :param calendar: the calendar file beside it is there, or the letter has none.
    """

    digest: str = ""
    ours: bool = False
    calendar: bool = True


@dataclass(frozen=True, slots=True)
class Keep:
    """The letter's file is right; the register may have to be brought up to date."""

    planned: PlannedLetter
    inputs: InputDigest
    record: LetterRecord


@dataclass(frozen=True, slots=True)
class Render:
    """The letter must be composed, and set unless its page is as it was.

    :param revision: the number that a changed letter is entered under.
    :param known_page: the page digest that its whole file was made from; empty: it must be set.
    :param record: what the register knows of the letter.
    """

    planned: PlannedLetter
    inputs: InputDigest
    revision: int = 1
    known_page: str = ""
    record: LetterRecord | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """The rendered letter must be written and entered under this revision.

    :param file: path below the campaign folder, where the letter keeps the one it had.
    """

    revision: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The recipient is gone: the letter is withdrawn and its file removed."""

    record: LetterRecord


Action = Keep | Render | HeldBack | Withdraw


def decide(
    planned: PlannedLetter,
    record: LetterRecord | None,
    inputs: InputDigest,
    known: Collection[InputDigest],
    file: FileState,
) -> Keep | Render | HeldBack:
    """What to do for a planned letter.

    :param record: what the register knows of it.
    :param inputs: what it would be made from now.
    :param known: what its file is known to show: as entered, and as found out by an earlier run.
    :param file: the file that the register knows.
    """
    if record is None:
        return Render(planned, inputs)
    is_whole = file.digest == record.digest
    if is_whole and file.calendar and inputs_are_same(record, inputs, known):
        return Keep(planned, inputs, record)
    if file.digest and not is_whole and not file.ours:
        return HeldBack(planned, (catalogue.LETTER_CHANGED.at(record.file, letter=planned.key),))
    known_page = record.html_digest if is_whole else ""
    return Render(planned, inputs, record.revision_for_new_text, known_page, record)


def inputs_are_same(
    record: LetterRecord, inputs: InputDigest, known: Collection[InputDigest]
) -> bool:
    """Whether the letter's file shows what its inputs make.

    A letter that was signed or left the office is not made again by another build: for it the
    campaign's files count alone.
    """
    if record.closed:
        return any(one.campaign == inputs.campaign for one in known)
    return inputs in known


def decide_rendered(
    rendered: Render, digest: str, file: FileState, page_is_same: Callable[[], bool]
) -> Keep | Write | HeldBack:
    """What to do with a letter that was set.

    :param digest: SHA-256 of the file that was made.
    :param file: the file that the register knows.
    :param page_is_same: whether what was made looks and reads like the file the register knows;
        asked only of a letter that was signed or left the office.
    """
    planned, record = rendered.planned, rendered.record
    if record is None:
        return Write(rendered.revision)
    is_whole = file.digest == record.digest
    keep = Keep(planned, rendered.inputs, record)
    if digest in (record.digest, record.generated_digest):
        if is_whole:
            return keep
        if digest == record.digest:
            return Write(record.revision, record.file)
        return _lost(planned, record)
    if record.closed:
        never_left = record.status is LetterStatus.WITHDRAWN and not record.dispatched
        known = (InputDigest.parse(record.fingerprint),)
        if inputs_are_same(record, rendered.inputs, known) and not never_left:
            return keep if is_whole else _lost(planned, record)
        if is_whole and page_is_same():
            return keep
    return Write(rendered.revision)


def unplanned(
    plan: Plan, selection: Selection, records: Mapping[LetterKey, LetterRecord]
) -> Iterator[LetterRecord]:
    """Letters that the register holds and whose recipients are gone.

    None when recipients were filtered, since a filter says nothing of the others. What left the
    office, was signed or was approved stays, and so does what stands on hold.
    """
    if not plan.planned or selection != Selection(letters=selection.letters):
        return
    wanted = {LetterKey(p.letter, p.recipient.id, p.document) for p in plan.planned}
    held = {(skipped.letter, skipped.recipient.id) for skipped in plan.skipped}
    for key, record in records.items():
        meant = not selection.letters or key.letter in selection.letters
        gone = key not in wanted and (key.letter, key.recipient) not in held
        if meant and gone and not (record.closed or record.signed or record.approved):
            yield record


def decide_unplanned(record: LetterRecord, file: FileState) -> Withdraw | None:
    """What to do for a letter whose recipient is gone; nothing where somebody changed its file."""
    return Withdraw(record) if file.digest == record.digest else None


def _lost(planned: PlannedLetter, record: LetterRecord) -> HeldBack:
    """A letter that was signed or dispatched is not made a second time."""
    return HeldBack(planned, (catalogue.FILE_LOST.at(record.file, letter=planned.key),))
