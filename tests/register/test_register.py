"""The ledger: what may follow what, what it says afterwards, and that it keeps everything."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outreach_merge.errors import ExitCode, RegisterError
from outreach_merge.register import (
    GENESIS,
    EntriesRefused,
    EventKind,
    LetterStatus,
    Register,
    effective_events,
)
from register.helpers import KENYA, Place, PostgresServer, make


def codes(error: pytest.ExceptionInfo[EntriesRefused]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_an_entry_comes_back_as_it_was_entered(register: Register) -> None:
    (entered,) = register.append([make("generated", details={"name": "Zoë Ñ «ق»"})])
    (read,) = register.events()
    assert read == entered
    assert (read.sequence, read.previous, read.revision) == (1, GENESIS, 1)
    assert read.details["name"] == "Zoë Ñ «ق»"
    assert read.entered_at == dt.datetime(2021, 8, 15, 10, 30, tzinfo=dt.UTC)


def test_a_letters_way(register: Register) -> None:
    steps = [
        "generated",
        "approved",
        "signed",
        "dispatched",
        "delivered",
        "acknowledged",
    ]
    for step in steps:
        register.append([make(step)])
        assert register.letters()[KENYA].status == step
    register.append([make("replied", on="2021-08-09")])
    record = register.letters()[KENYA]
    assert record.status is LetterStatus.REPLIED
    assert (record.signed, record.approved, record.dispatched) == (True, True, True)
    assert record.delivered_on == dt.date(2021, 8, 1)
    assert record.replied_on == dt.date(2021, 8, 9)
    assert record.reference == "presidential/2021/KEN-head_of_state"
    assert register.verify() == []


def test_what_follows_names_the_state_and_reference_it_knows(register: Register) -> None:
    register.append([make("generated")])
    (dispatched,) = register.append([make("dispatched")])
    assert (dispatched.state, dispatched.channel) == ("KEN", "by_hand")
    assert dispatched.reference == "presidential/2021/KEN-head_of_state"


def test_events_on_states_need_no_letter(register: Register) -> None:
    register.append(
        [
            make("spoke", state="FJI", details={"issues": ["assistance-needed"]}),
            make("joined", state="NAM", on="2020-04-28"),
            make("met", state="ZZZ", details={"confidential": True}),
        ]
    )
    assert [event.state for event in register.events()] == ["FJI", "NAM", "ZZZ"]
    assert register.letters() == {}


def test_the_same_letter_entered_again_is_no_second_entry(register: Register) -> None:
    register.append([make("generated")])
    assert register.append([make("generated"), make("generated")]) == ()
    assert len(list(register.events())) == 1


def test_the_same_letter_twice_in_one_batch_is_one_entry(register: Register) -> None:
    assert len(register.append([make("generated"), make("generated")])) == 1


@pytest.mark.parametrize(
    "change", [{"details": {"group": "2"}}, {"channel": "post"}, {"reference": "X/1"}]
)
def test_what_is_newly_known_of_the_same_file_is_entered(
    register: Register, change: dict[str, Any]
) -> None:
    register.append([make("generated"), make("approved")])
    (entered,) = register.append([make("generated", **change)])
    record = register.letters()[KENYA]
    assert entered.revision == 1
    assert record.status is LetterStatus.APPROVED, "the same paper stays approved"
    assert register.append([make("generated", **change)]) == ()


def test_a_changed_text_takes_approval_away(register: Register) -> None:
    register.append([make("generated"), make("approved")])
    register.append([make("generated", text="second")])
    record = register.letters()[KENYA]
    assert (record.revision, record.status) == (1, LetterStatus.GENERATED)
    assert not record.approved


@pytest.mark.parametrize("details", [{}, {"complete": True}, {"complete": False}])
def test_a_changed_text_leaves_the_signed_letter_and_becomes_the_next_revision(
    register: Register, details: dict[str, Any]
) -> None:
    register.append([make("generated"), make("signed", digest="a" * 64, details=details)])
    assert register.letters()[KENYA].digest == "a" * 64
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("generated", text="second", revision=1)])
    assert codes(refused) == ["letter-closed"]
    register.append([make("generated", text="second")])
    first, second = register.revisions()[KENYA].values()
    assert (first.digest, first.current) == ("a" * 64, False)
    assert (second.revision, second.signed, second.status) == (2, False, LetterStatus.GENERATED)


@pytest.mark.parametrize("kind", ["generated", "withdrawn", "approved"])
def test_what_others_entered_meanwhile_is_not_passed_over(register: Register, kind: str) -> None:
    register.append([make("generated")])
    seen = {KENYA: register.letters()[KENYA].sequence}
    register.append([make("dispatched")])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make(kind, **({"text": "new"} if kind == "generated" else {}))], seen)
    assert codes(refused) == ["letter-moved-on"]
    assert register.letters()[KENYA].status == "dispatched"
    seen = {KENYA: register.letters()[KENYA].sequence}
    (entered,) = register.append([make("generated", text="new")], seen)
    assert entered.revision == 2


def test_what_one_entered_oneself_is_not_what_others_did(register: Register) -> None:
    register.append([make("generated")])
    seen = {KENYA: register.letters()[KENYA].sequence}
    register.append([make("approved"), make("dispatched")], seen)
    assert register.letters()[KENYA].status == "dispatched"


def test_a_half_signed_letter_does_not_leave(register: Register) -> None:
    register.append(
        [
            make("generated"),
            make("approved"),
            make("signed", digest="a" * 64, details={"complete": False}),
        ]
    )
    record = register.letters()[KENYA]
    assert (record.half_signed, record.signed, record.approved) == (True, False, True)
    assert record.status is LetterStatus.APPROVED, "it is not signed before everybody has"
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("dispatched")])
    assert codes(refused) == ["half-signed"]
    register.append([make("signed", digest="b" * 64, details={"complete": True})])
    record = register.letters()[KENYA]
    assert (record.half_signed, record.signed, record.digest) == (False, True, "b" * 64)
    assert record.status is LetterStatus.SIGNED
    register.append([make("dispatched")])


def test_a_letter_that_left_gets_a_new_revision(register: Register) -> None:
    register.append([make("generated"), make("dispatched")])
    record = register.letters()[KENYA]
    assert record.closed
    assert record.revision_for_new_text == 2
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("generated", text="second", revision=1)])
    assert codes(refused) == ["letter-closed"]
    register.append([make("generated", text="second")])
    story = register.revisions()[KENYA]
    assert (story[1].current, story[1].status) == (False, LetterStatus.DISPATCHED)
    assert (story[2].current, story[2].status) == (True, LetterStatus.GENERATED)
    assert register.letters()[KENYA].revision == 2


def test_a_delivery_after_a_new_revision_means_the_one_that_left(register: Register) -> None:
    register.append([make("generated"), make("dispatched"), make("generated", text="second")])
    (delivered,) = register.append([make("delivered")])
    assert delivered.revision == 1
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("dispatched", revision=1, details={"again": True})])
    assert codes(refused) == ["letter-superseded"]


@pytest.mark.parametrize(
    ("before", "event", "code"),
    [
        ([], "dispatched", "letter-unknown"),
        (["generated"], "delivered", "not-dispatched"),
        (["generated"], "acknowledged", "not-dispatched"),
        (["generated"], "returned", "not-dispatched"),
        (["generated"], "replied", "not-dispatched"),
        (["generated", "dispatched"], "dispatched", "already-dispatched"),
        (["generated", "dispatched"], "signed", "already-dispatched"),
        (["generated", "dispatched"], "approved", "already-dispatched"),
        (["generated", "superseded"], "dispatched", "letter-superseded"),
        (["generated", "withdrawn"], "dispatched", "letter-withdrawn"),
        (["generated", "withdrawn"], "approved", "letter-withdrawn"),
        (["generated", "withdrawn"], "withdrawn", "letter-withdrawn"),
        (["generated", "dispatched", "delivered"], "delivered", "already-recorded"),
        (
            ["generated", "dispatched", "acknowledged"],
            "acknowledged",
            "already-recorded",
        ),
        (["generated", "dispatched", "returned"], "delivered", "letter-returned"),
        (["generated", "dispatched", "replied"], "replied", "already-recorded"),
    ],
)
def test_orders_that_cannot_have_happened_are_refused(
    register: Register, before: list[str], event: str, code: str
) -> None:
    for step in before:
        register.append([make(step)])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make(event)])
    assert codes(refused) == [code]
    assert refused.value.exit_code is ExitCode.CAMPAIGN
    assert refused.value.problems[0].letter == str(KENYA)
    assert len(list(register.events())) == len(before)


def test_a_second_dispatch_must_be_meant(register: Register) -> None:
    register.append([make("generated"), make("dispatched"), make("returned", on="2021-08-05")])
    register.append([make("dispatched", on="2021-08-06", details={"again": True})])
    record = register.letters()[KENYA]
    assert (record.status, record.returned_on) == (LetterStatus.DISPATCHED, None)
    register.append([make("delivered", on="2021-08-08")])
    assert register.letters()[KENYA].status is LetterStatus.DELIVERED


@pytest.mark.parametrize(
    ("event", "on", "code"),
    [
        ("dispatched", "2021-08-16", "date-in-future"),
        ("dispatched", "2021-07-26", "date-before-letter"),
        ("joined", "2021-08-16", "date-in-future"),
    ],
)
def test_dates_that_cannot_be(register: Register, event: str, on: str, code: str) -> None:
    register.append([make("generated")])
    rest = {"state": "NAM"} if event == "joined" else {}
    with pytest.raises(EntriesRefused) as refused:
        register.append([make(event, on=on, **rest)])
    assert codes(refused) == [code]


def test_a_letter_exists_from_the_date_it_bears_or_the_day_it_was_made(register: Register) -> None:
    """A letter made today may bear an earlier date; a letter dated ahead may leave at once."""
    register.append([make("generated", "FJI-x", on="2021-08-14")])  # bears 27 July
    register.append([make("dispatched", "FJI-x", on="2021-07-27")])
    register.append([make("generated", "KEN-x", on="2021-07-20")])
    register.append([make("dispatched", "KEN-x", on="2021-07-21")])
    assert register.letters()[KENYA._replace(recipient="FJI-x")].dispatched


def test_a_delivery_is_not_before_its_dispatch(register: Register) -> None:
    register.append([make("generated"), make("dispatched", on="2021-08-03")])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("delivered", on="2021-08-02")])
    assert codes(refused) == ["date-out-of-order"]


def test_all_or_nothing_and_every_refusal_is_named(register: Register) -> None:
    register.append([make("generated"), make("generated", "FJI-x")])
    with pytest.raises(EntriesRefused) as refused:
        register.append(
            [
                make("dispatched"),
                make("delivered", "FJI-x"),
                make("dispatched", "TON-x"),
            ]
        )
    assert codes(refused) == ["not-dispatched", "letter-unknown"]
    assert [position for position, _ in refused.value.refusals] == [1, 2]
    assert not any(record.dispatched for record in register.letters().values())
    assert register.verify() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": " "},
        {"digest": "no digest"},
        {"details": {"note": "a\x00b"}},
        {"details": {"note": "\ud800"}},
        {"details": {"size": 1.5}},
    ],
)
def test_what_no_database_should_keep_is_refused(register: Register, wrong: dict[str, Any]) -> None:
    register.append([make("generated")])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("approved", **wrong)])
    assert codes(refused) == ["entry-malformed"]


# Corrections


def test_a_wrong_entry_is_taken_back_by_a_further_one(register: Register) -> None:
    register.append([make("generated"), make("dispatched"), make("delivered")])
    register.append([make("corrected", details={"entry": 3, "note": "it was Fiji's"})])
    record = register.letters()[KENYA]
    assert (record.status, record.delivered_on) == (LetterStatus.DISPATCHED, None)
    entries = list(register.events())
    assert [event.sequence for event in entries] == [1, 2, 3, 4]
    assert [event.sequence for event in effective_events(entries)] == [1, 2]
    assert entries[3].letter == "presidential"
    register.append([make("delivered", on="2021-08-04")])
    assert register.letters()[KENYA].delivered_on == dt.date(2021, 8, 4)
    assert register.verify() == []


def test_what_rests_on_an_entry_is_taken_back_first(register: Register) -> None:
    register.append([make("generated"), make("dispatched"), make("delivered")])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("corrected", details={"entry": 2})])
    assert codes(refused) == ["correction-out-of-order"]
    register.append(
        [
            make("corrected", details={"entry": 3}),
            make("corrected", details={"entry": 2}),
        ]
    )
    assert register.letters()[KENYA].status is LetterStatus.GENERATED


@pytest.mark.parametrize(
    ("entry", "code"),
    [(99, "entry-unknown"), (1, "entry-not-correctable"), (3, "entry-corrected")],
)
def test_corrections_that_cannot_be(register: Register, entry: int, code: str) -> None:
    register.append([make("generated"), make("dispatched"), make("delivered")])
    register.append([make("corrected", details={"entry": 3})])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("corrected", details={"entry": entry})])
    assert codes(refused) == [code]


def test_an_event_on_a_state_is_entered_once_and_can_be_taken_back(register: Register) -> None:
    register.append([make("joined", state="NAM", on="2020-04-28")])
    with pytest.raises(EntriesRefused) as refused:
        register.append([make("joined", state="NAM", on="2020-04-29")])
    assert codes(refused) == ["already-recorded"]
    register.append([make("corrected", details={"entry": 1})])
    register.append([make("joined", state="NAM", on="2020-04-29")])
    assert [e.happened_on.day for e in effective_events(register.events())] == [29]


# Opening


def test_the_register_is_opened_again_with_everything_in_it(place: Place) -> None:
    with place.open() as register:
        register.append([make("generated")])
        head = register.head()
    with place.open() as register:
        assert register.head() == head
        assert register.letters()[KENYA].status is LetterStatus.GENERATED


def test_looking_makes_no_register(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with pytest.raises(RegisterError, match="no register"):
        Register.open(path, "csp7-2021", create=False)
    assert not path.exists()


def test_a_file_holds_one_campaign(sqlite_place: Place) -> None:
    sqlite_place.open().close()
    with pytest.raises(RegisterError, match="another campaign: csp7-2021"):
        sqlite_place.open("csp8-2022")


def test_a_server_holds_several_campaigns_apart(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with Register.open(url, "one") as one, Register.open(url, "two") as two:
        one.append([make("generated")])
        assert two.letters() == {}
        assert two.append([make("generated")])[0].sequence == 1
        assert one.verify() == two.verify() == []


def test_a_newer_register_is_left_alone(place: Place) -> None:
    place.open().close()
    place.execute("UPDATE register_version SET version_num = '9999'")
    with pytest.raises(RegisterError, match="newer version") as refused:
        place.open()
    assert "Upgrade" in refused.value.remedy


def test_a_database_of_something_else_is_left_alone(place: Place) -> None:
    place.execute("CREATE TABLE register_events (id INTEGER)")
    with pytest.raises(RegisterError, match="not a register"):
        place.open()


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(b"this is a letter, not a register\n" * 200)
    with pytest.raises(RegisterError, match="damaged") as refused:
        Register.open(path, "csp7-2021")
    assert ".recover" in refused.value.remedy
    assert path.read_bytes().startswith(b"this is a letter")


def test_a_damaged_database_is_left_as_it_is(sqlite_place: Place) -> None:
    with sqlite_place.open() as register:
        register.append([make("generated", f"R{n:04}", state="KEN") for n in range(500)])
    with Path(sqlite_place.url).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    before = Path(sqlite_place.url).read_bytes()
    with pytest.raises(RegisterError) as refused:
        _use(sqlite_place)
    assert refused.value.exit_code is ExitCode.VERIFICATION
    assert Path(sqlite_place.url).read_bytes() == before


def _use(place: Place) -> None:
    with place.open() as register:
        register.append([make("generated", "NEW")])
        register.letters()
        list(register.events())


def test_a_locked_register_says_so(sqlite_place: Place) -> None:
    import sqlite3

    with sqlite_place.open(wait=0.2) as register:
        other = sqlite3.connect(sqlite_place.url, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegisterError, match="locked by another program") as refused:
            register.append([make("generated")])
        assert refused.value.exit_code is ExitCode.MACHINE
        other.execute("ROLLBACK")
        other.close()
        assert len(register.append([make("generated")])) == 1


def test_a_folder_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="cannot be opened") as refused:
        Register.open(tmp_path / "none" / "register.sqlite", "csp7-2021")
    assert refused.value.exit_code is ExitCode.MACHINE


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(RegisterError) as refused:
        Register.open(url, "csp7-2021")
    assert "postgresql://user@host/database" in refused.value.remedy


def test_a_server_that_is_not_there_never_shows_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(RegisterError, match="server") as refused:
        Register.open("postgresql://clerk:secret@127.0.0.1:1/register", "csp7-2021")
    assert refused.value.exit_code is ExitCode.MACHINE
    assert "secret" not in str(refused.value) + refused.value.remedy


# The schema


def _schema(place: Place) -> list[tuple[Any, ...]]:
    if place.backend == "sqlite":
        import sqlite3

        with sqlite3.connect(place.url) as connection:
            return sorted(
                connection.execute(
                    'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master m '
                    "JOIN pragma_table_info(m.name) c "
                    'UNION ALL SELECT m.name, i.name, i."unique", x.name, x.seqno '
                    "FROM sqlite_master m JOIN pragma_index_list(m.name) i "
                    "JOIN pragma_index_info(i.name) x WHERE m.type = 'table' "
                    'UNION ALL SELECT m.name, f."table", f."from", f."to", f.seq '
                    "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f"
                ).fetchall(),
                key=repr,
            )
    import psycopg

    with psycopg.connect(place.url) as connection:
        return sorted(
            connection.execute(
                "SELECT table_name::text, column_name::text, data_type::text, "
                "is_nullable || coalesce(character_maximum_length::text, '') "
                "FROM information_schema.columns WHERE table_schema = 'public' "
                "UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes "
                "WHERE schemaname = 'public' "
                "UNION ALL SELECT conrelid::regclass::text, conname::text, "
                "pg_get_constraintdef(oid), '' FROM pg_constraint WHERE connamespace = "
                "'public'::regnamespace"
            ).fetchall()
        )


def test_migrations_and_a_fresh_register_give_the_same_schema(
    place: Place, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with place.open() as register:
        register.append([make("generated")])
    other = type(place)(
        str(tmp_path / "migrated.sqlite")
        if place.backend == "sqlite"
        else request.getfixturevalue("postgres").new_database(),
        place.backend,
    )
    # An empty table of versions is what alembic leaves before the first migration.
    other.execute(
        "CREATE TABLE register_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT register_version_pkc PRIMARY KEY (version_num))"
    )
    with other.open() as register:
        register.append([make("generated")])
        assert register.verify() == []
    assert _schema(other) == _schema(place)


def test_importing_the_register_loads_no_engine() -> None:
    program = (
        "import sys, outreach_merge.register as r; r.NewEvent; "
        "loaded = {'sqlalchemy', 'alembic', 'pandas'} & set(sys.modules); "
        "r.Register; loaded |= {'alembic', 'pandas'} & set(sys.modules); "
        "assert not loaded, loaded"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_event_has_a_meaning() -> None:
    assert all(kind.meaning for kind in EventKind)
