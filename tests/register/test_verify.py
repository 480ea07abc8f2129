"""A change made by other hands shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach_merge.register import RegisterDamaged
from register.helpers import Place, make

EDITS = {
    "a date": ("UPDATE register_events SET happened_on = '2021-08-02' WHERE sequence = 3",
               ["entry-changed"], 3),
    "a reference": ("UPDATE register_events SET reference = 'X' WHERE sequence = 4",
                    ["entry-changed"], 4),
    "a detail": ("UPDATE register_events SET details = '{}' WHERE sequence = 1",
                 ["entry-changed"], 1),
    "who entered it": ("UPDATE register_events SET by = 'Nobody' WHERE sequence = 2",
                       ["entry-changed"], 2),
    "when it was entered": (
        "UPDATE register_events SET entered_at = '2021-08-15T10:30:00.000001Z' WHERE sequence = 2",
        ["entry-changed"], 2),
    "a hash": (f"UPDATE register_events SET hash = '{'0' * 64}' WHERE sequence = 2",
               ["chain-broken", "entry-changed"], 2),
    "a row in the middle": ("DELETE FROM register_events WHERE sequence = 3",
                            ["entry-missing"], 3),
    "the last row": ("DELETE FROM register_events WHERE sequence = 5", ["entry-missing"], 5),
    "the first row": ("DELETE FROM register_events WHERE sequence = 1", ["entry-missing"], 1),
    "the campaign's head": ("UPDATE register_campaigns SET last_sequence = 4",
                            ["head-changed"], 5),
}  # fmt: skip


@pytest.fixture
def filled(place: Place) -> Place:
    with place.open() as register:
        register.append([make("generated"), make("generated", "FJI-x"), make("dispatched")])
        register.append([make("dispatched", "FJI-x"), make("spoke", state="FJI")])
        assert register.verify() == []
    return place


@pytest.mark.parametrize("what", EDITS)
def test_a_change_is_found_and_placed(filled: Place, what: str) -> None:
    statement, codes, entry = EDITS[what]
    filled.execute(statement.replace(" by ", ' "by" '))
    with filled.open() as register:
        findings = register.verify()
    chain = [finding for finding in findings if not finding.code.startswith("letters-")]
    assert sorted(finding.code for finding in chain) == codes
    assert any(str(entry) in finding.message for finding in chain)


def test_a_swapped_pair_is_found(filled: Place) -> None:
    for one, other in ((3, 93), (4, 3), (93, 4)):
        filled.execute(f"UPDATE register_events SET sequence = {other} WHERE sequence = {one}")
    with filled.open() as register:
        assert {f.code for f in register.verify()} >= {"entry-changed", "chain-broken"}


def test_a_changed_table_of_letters_is_found_and_made_anew(filled: Place) -> None:
    filled.execute("UPDATE register_letters SET standing = 'withdrawn' WHERE recipient = 'FJI-x'")
    with filled.open() as register:
        (finding,) = register.verify()
        assert finding.code == "letters-differ"
        assert finding.letter == "presidential/FJI-x"
        register.rebuild_letters()
        assert register.verify() == []


def test_what_was_tampered_with_is_not_made_the_truth(filled: Place) -> None:
    filled.execute("DELETE FROM register_events WHERE sequence = 3")
    with filled.open() as register:
        before = register.revisions()
        remedies = {finding.code: finding.remedy for finding in register.verify()}
        assert "--rebuild" not in str(remedies)
        with pytest.raises(RegisterDamaged, match="Entry 3 is missing"):
            register.rebuild_letters()
        assert register.revisions() == before


def test_garbage_in_a_cell_is_a_finding_and_no_crash(sqlite_place: Place) -> None:
    with sqlite_place.open() as register:
        register.append([make("generated"), make("dispatched")])
    sqlite_place.execute("UPDATE register_events SET happened_on = 'soon', kind = '?'")
    with sqlite_place.open() as register:
        codes = [finding.code for finding in register.verify()]
    assert codes == ["entry-changed", "entry-changed", "letters-unreadable"]


def test_a_register_rewritten_whole_is_found_by_the_head_kept_elsewhere(
    tmp_path: Path, place: Place
) -> None:
    """Whoever can write the database can make a new chain; the head noted elsewhere differs."""
    with place.open() as register:
        register.append([make("generated"), make("dispatched")])
        noted = register.head()
    other = type(place)(str(tmp_path / "other.sqlite"), "sqlite")
    with other.open() as register:
        register.append([make("generated"), make("dispatched", on="2021-08-02")])
        assert register.verify() == []
        assert register.head() != noted
