"""What is done for a letter, decided from values alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from outreach_merge.model import Kind, PlannedLetter, Recipient, SkippedRecipient, Status
from outreach_merge.plan import Plan
from outreach_merge.press.decide import (
    FileState,
    Keep,
    Render,
    Withdraw,
    Write,
    decide,
    decide_rendered,
    decide_unplanned,
    unplanned,
)
from outreach_merge.press.dependencies import InputDigest
from outreach_merge.press.outcomes import HeldBack
from outreach_merge.press.selection import Selection
from outreach_merge.register import LetterRecord, LetterStatus

DAY = dt.date(2021, 7, 27)
RECIPIENT = Recipient(
    "KEN-head_of_state", "KEN", Kind.HEAD_OF_STATE, "president", "en", Status.NOT_JOINED
)
PLANNED = PlannedLetter("invitation", RECIPIENT, "en", "ATT/1", DAY, None)
INPUTS = InputDigest("campaign", "build")
OTHER_BUILD = InputDigest("campaign", "another build")
OTHER_TEXT = InputDigest("another text", "build")
OLDER = InputDigest.parse("a digest without a build")
OPEN = LetterRecord(
    letter="invitation",
    recipient=RECIPIENT.id,
    document="letter",
    revision=1,
    status=LetterStatus.GENERATED,
    state="KEN",
    language="en",
    channel="",
    reference="ATT/1",
    file="output/invitation/KEN-head_of_state-en.pdf",
    digest="file",
    generated_digest="file",
    pages=1,
    fingerprint=str(INPUTS),
    html_digest="page",
    facts="",
    existed_on=DAY,
    signed=False,
    approved=False,
    confidential=False,
    dispatched_on=None,
    delivered_on=None,
    acknowledged_on=None,
    returned_on=None,
    replied_on=None,
    current=True,
    sequence=1,
)
DISPATCHED = replace(OPEN, status=LetterStatus.DISPATCHED, dispatched_on=DAY)
SIGNED = replace(OPEN, status=LetterStatus.SIGNED, signed=True, digest="signed file")
WITHDRAWN = replace(OPEN, status=LetterStatus.WITHDRAWN)
WHOLE = FileState("file")
CHANGED = FileState("somebody's")
UNENTERED = FileState("newer", ours=True)
MISSING = FileState()


def test_the_digest_is_read_as_it_was_written() -> None:
    assert InputDigest.parse(str(INPUTS)) == INPUTS
    assert OLDER.campaign != INPUTS.campaign


def test_a_new_letter_is_rendered_as_the_first_revision() -> None:
    assert decide(PLANNED, None, INPUTS, (), MISSING) == Render(PLANNED, INPUTS)


@pytest.mark.parametrize(
    ("record", "known", "file", "is_kept"),
    [
        (OPEN, INPUTS, WHOLE, True),
        (OPEN, OTHER_BUILD, WHOLE, False),
        (OPEN, OTHER_TEXT, WHOLE, False),
        (OPEN, OLDER, WHOLE, False),
        (OPEN, INPUTS, MISSING, False),
        (OPEN, INPUTS, UNENTERED, False),
        (OPEN, INPUTS, replace(WHOLE, calendar=False), False),
        (DISPATCHED, INPUTS, WHOLE, True),
        (DISPATCHED, OTHER_BUILD, WHOLE, True),
        (DISPATCHED, OTHER_TEXT, WHOLE, False),
        (DISPATCHED, OLDER, WHOLE, False),
        (SIGNED, OTHER_BUILD, FileState("signed file"), True),
    ],
)
def test_a_letter_is_kept_or_rendered(
    record: LetterRecord, known: InputDigest, file: FileState, is_kept: bool
) -> None:
    action = decide(PLANNED, record, INPUTS, [known], file)
    expected = Keep(PLANNED, INPUTS, record) if is_kept else Render
    assert action == expected if is_kept else isinstance(action, Render)


def test_what_an_earlier_run_found_out_counts_as_what_was_entered() -> None:
    assert isinstance(decide(PLANNED, OPEN, INPUTS, [OTHER_BUILD, INPUTS], WHOLE), Keep)


@pytest.mark.parametrize(
    ("record", "file", "revision", "known_page"),
    [
        (OPEN, WHOLE, 1, "page"),
        (OPEN, MISSING, 1, ""),
        (OPEN, UNENTERED, 1, ""),
        (DISPATCHED, WHOLE, 2, "page"),
        (DISPATCHED, MISSING, 2, ""),
    ],
)
def test_a_changed_text_gets_a_revision_of_its_own_once_the_letter_left(
    record: LetterRecord, file: FileState, revision: int, known_page: str
) -> None:
    action = decide(PLANNED, record, OTHER_TEXT, [INPUTS], file)
    assert action == Render(PLANNED, OTHER_TEXT, revision, known_page, record)


@pytest.mark.parametrize("inputs", [INPUTS, OTHER_TEXT])
def test_a_file_that_somebody_changed_is_left_alone(inputs: InputDigest) -> None:
    action = decide(PLANNED, OPEN, inputs, [INPUTS], CHANGED)
    assert isinstance(action, HeldBack)
    assert [problem.code for problem in action.problems] == ["file-changed"]


@pytest.mark.parametrize(
    ("record", "digest", "file", "page_is_same", "expected"),
    [
        (None, "new", MISSING, False, Write(1)),
        (OPEN, "file", WHOLE, False, "kept"),
        (OPEN, "new", WHOLE, True, Write(1)),
        (OPEN, "file", MISSING, False, Write(1, OPEN.file)),
        (OPEN, "file", UNENTERED, False, Write(1, OPEN.file)),
        (DISPATCHED, "file", WHOLE, False, "kept"),
        (DISPATCHED, "new", WHOLE, True, "kept"),
        (DISPATCHED, "new", WHOLE, False, Write(2)),
        (SIGNED, "file", FileState("signed file"), False, "kept"),
        (SIGNED, "file", MISSING, False, "file-lost"),
        (WITHDRAWN, "file", MISSING, False, Write(1, OPEN.file)),
        (WITHDRAWN, "new", MISSING, False, Write(2)),
    ],
)
def test_what_was_rendered_is_written_or_the_file_is_kept(
    record: LetterRecord | None,
    digest: str,
    file: FileState,
    page_is_same: bool,
    expected: Write | str,
) -> None:
    revision = record.revision_for_new_text if record else 1
    rendered = Render(PLANNED, OTHER_TEXT, revision, record=record)
    decision = decide_rendered(rendered, digest, file, lambda: page_is_same)
    if isinstance(decision, Keep):
        assert expected == "kept"
    elif isinstance(decision, HeldBack):
        assert [problem.code for problem in decision.problems] == [expected]
    else:
        assert decision == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [(DISPATCHED, ["file-lost"]), (WITHDRAWN, Write(2))],
)
def test_another_build_makes_no_lost_letter_again(
    record: LetterRecord, expected: list[str] | Write
) -> None:
    rendered = Render(PLANNED, OTHER_BUILD, 2, record=record)
    decision = decide_rendered(rendered, "new", MISSING, lambda: False)
    found = (
        [problem.code for problem in decision.problems]
        if isinstance(decision, HeldBack)
        else decision
    )
    assert found == expected


SOMEBODY_ELSE = replace(PLANNED, recipient=replace(RECIPIENT, id="FJI-head_of_state"))
ON_HOLD = SkippedRecipient("invitation", RECIPIENT, "on hold")


@pytest.mark.parametrize(
    ("plan", "selection", "record", "is_gone"),
    [
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(), OPEN, True),
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(letters=("invitation",)), OPEN, True),
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(letters=("thanks",)), OPEN, False),
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(states=("FJI",)), OPEN, False),
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(), DISPATCHED, False),
        (Plan((SOMEBODY_ELSE,), (), ()), Selection(), replace(OPEN, approved=True), False),
        (Plan((SOMEBODY_ELSE,), (ON_HOLD,), ()), Selection(), OPEN, False),
        (Plan((PLANNED,), (), ()), Selection(), OPEN, False),
        (Plan((), (), ()), Selection(), OPEN, False),
    ],
)
def test_a_letter_whose_recipient_is_gone(
    plan: Plan, selection: Selection, record: LetterRecord, is_gone: bool
) -> None:
    assert list(unplanned(plan, selection, {record.key: record})) == ([record] if is_gone else [])


def test_it_is_withdrawn_unless_somebody_changed_its_file() -> None:
    assert decide_unplanned(OPEN, WHOLE) == Withdraw(OPEN)
    assert decide_unplanned(OPEN, CHANGED) is None
    assert decide_unplanned(OPEN, MISSING) is None
