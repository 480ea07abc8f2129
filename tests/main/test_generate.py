"""``generate``: what is on the disk and in the register agrees, whatever happens in between."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from folders import CampaignFolder, Done, as_csv, is_whole, pdf_text
from judges import require

MakeCampaign = Callable[..., CampaignFolder]
KENYA = {"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"}
STATES = (
    *("AGO", "BGD", "BTN", "BRN", "COL", "COM", "CUB", "DJI", "ECU", "ETH", "FJI", "GAB", "GMB"),
    *("IDN", "IRN", "JOR", "KEN", "KHM", "KWT", "LAO", "LBY", "MAR", "MNG", "MWI", "MYS", "NPL"),
    *("OMN", "PAK", "PHL", "PNG", "QAT", "RWA", "SAU", "SGP", "SLB", "SOM", "SYR", "TJK", "THA"),
)


def many(count: int) -> list[dict[str, str]]:
    return [{"state": state} for state in STATES[:count]]


def agreed(campaign: CampaignFolder, count: int) -> None:
    """All letters whole, each in the register once, with the digest of its file."""
    import hashlib

    rows = campaign.log()
    assert len(rows) == count
    files = [str(row["file"]) for row in rows]
    assert sorted(files) == [str(p.relative_to(campaign.path)) for p in campaign.pdfs()]
    for row in rows:
        path = campaign.file(str(row["file"]))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert is_whole(path), path
    references = Counter(row["reference"] for row in rows)
    assert set(references.values()) == {1}
    assert campaign.leftovers() == []
    assert campaign.ok("log", "verify", "--files").code == 0


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.002)


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9, the program and its workers."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


# what a run leaves


def test_what_init_makes_generates_at_once(generated: CampaignFolder) -> None:
    assert [path.name for path in generated.pdfs()] == [
        "CIV-head_of_state-fr.pdf", "KEN-head_of_state-en.pdf", "NAM-foreign_minister-en.pdf",
    ]  # fmt: skip
    agreed(generated, 3)


def test_the_register_knows_each_letter(generated: CampaignFolder) -> None:
    row = next(row for row in generated.log() if row["state"] == "CIV")
    wanted = {
        "letter": "invitation", "recipient": "CIV-head_of_state", "language": "fr", "pages": 1,
        "reference": "INV/2021/CIV-head_of_state", "letter_date": "2021-07-27", "revision": 1,
        "file": "output/invitation/CIV-head_of_state-fr.pdf", "signatories": ["ambassador"],
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted
    assert row["generated_at"]


def test_a_second_run_makes_nothing(made: CampaignFolder) -> None:
    (path,) = made.pdfs()
    before = path.stat().st_mtime_ns, path.stat().st_ino
    again = made.ok("generate")
    assert "0 made, 1 unchanged" in again.out
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert len(made.log("events")) == 1


def test_a_letter_that_was_deleted_is_made_again(made: CampaignFolder) -> None:
    (path,) = made.pdfs()
    first = path.read_bytes()
    path.unlink()
    assert "1 made" in made.ok("generate").out
    assert path.read_bytes() == first
    agreed(made, 1)


def test_only_what_changed_is_made_again_wherever_its_row_stands(
    make_campaign: MakeCampaign,
) -> None:
    campaign = make_campaign(*many(3))
    campaign.ok("generate", "--jobs", "1")
    before = {row["recipient"]: (row["reference"], row["sha256"]) for row in campaign.log()}
    rows = many(3)
    rows[1]["name"] = "Somebody Else"
    campaign.rows({"state": "ZMB"}, *reversed(rows), {"state": "NA"})
    assert "3 made, 2 unchanged" in campaign.ok("generate", "--jobs", "1").out
    after = {row["recipient"]: (row["reference"], row["sha256"]) for row in campaign.log()}
    assert "Somebody Else" in pdf_text(campaign.file("output/invitation/BGD-head_of_state-en.pdf"))
    changed = {recipient for recipient in before if before[recipient] != after[recipient]}
    assert changed == {"BGD-head_of_state"}
    assert {key: reference for key, (reference, _) in before.items()}.items() <= {
        key: reference for key, (reference, _) in after.items()
    }.items()
    agreed(campaign, 5)


def test_a_picture_or_a_stylesheet_that_changed_is_a_change(made: CampaignFolder) -> None:
    campaign = made
    (path,) = campaign.pdfs()
    before = path.read_bytes()
    campaign.write("templates/letter.css", "main { letter-spacing: 0.3em }")
    assert "1 made" in campaign.ok("generate").out
    assert path.read_bytes() != before
    assert "0 made, 1 unchanged" in campaign.ok("generate").out


def test_what_is_known_of_an_unchanged_letter_is_brought_up_to_date(
    made: CampaignFolder,
) -> None:
    campaign = made
    (path,) = campaign.pdfs()
    written = path.stat().st_mtime_ns
    campaign.rows({**KENYA, "channel": "by_hand", "bearer": "Ambassador", "confidential": "yes"})
    assert "0 made, 1 unchanged" in campaign.ok("generate").out
    assert path.stat().st_mtime_ns == written
    (entry,) = campaign.log()
    assert (entry["channel"], entry["bearer"], entry["confidential"]) == (
        "by_hand",
        "Ambassador",
        True,
    )
    assert "KEN" not in campaign.ok("log", "export", "--format", "json", "--to", "-").out
    campaign.ok("generate")
    assert len(campaign.log("events")) == 2


def test_a_letter_in_another_language_takes_the_place_of_the_first(
    made: CampaignFolder,
) -> None:
    campaign = made
    campaign.rows({"state": "KEN", "language": "fr"})
    assert "1 made" in campaign.ok("generate").out
    assert [path.name for path in campaign.pdfs()] == ["KEN-head_of_state-fr.pdf"]
    agreed(campaign, 1)


def test_filters_choose(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(
        {"state": "KEN", "group": "1", "channel": "by_hand"},
        {"state": "FRA", "group": "2", "channel": "post"},
        {
            "state": "FJI",
            "group": "2",
            "channel": "post",
            "kind": "foreign_minister",
            "office": "foreign_minister",
        },
    )

    def chosen(*filters: str) -> list[str]:
        done = campaign.ok("generate", "--jobs", "1", "--json", *filters)
        return [letter["recipient"][:3] for letter in done.json()["letters"]]

    assert sorted(chosen()) == ["FJI", "FRA", "KEN"]
    assert sorted(chosen("--state", "ke", "--state", "FRA")) == ["FRA", "KEN"]
    assert chosen("--region", "Oceania", "--kind", "foreign_minister") == ["FJI"]
    assert chosen("--group", "2", "--channel", "post", "--limit", "1") == ["FRA"]


def test_a_row_on_hold_gets_no_letter(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN"}, {"state": "MMR", "hold": "whom to address is open"})
    assert "1 recipients on hold" in campaign.ok("generate").out.replace(
        "recipient on", "recipients on"
    )
    agreed(campaign, 1)
    refused = campaign("preview", "invitation", "MMR")
    assert refused.code == 2
    assert "whom to address is open" in refused.err


# what is not overwritten


def test_a_dispatched_letter_gets_a_revision(made: CampaignFolder) -> None:
    (first,) = made.pdfs()
    sent = first.read_bytes()
    made.ok("log", "record", "dispatched", "invitation", "KEN", "--yes")
    assert "0 made" in made.ok("generate").out
    made.replace("templates/invitation/en.html", "honour", "great honour")
    assert "1 made" in made.ok("generate").out
    assert first.read_bytes() == sent
    assert [path.name for path in made.pdfs()] == [
        "KEN-head_of_state-en-r2.pdf", "KEN-head_of_state-en.pdf",
    ]  # fmt: skip
    assert "great honour" in pdf_text(made.pdfs()[0])
    assert [(row["revision"], row["reference"]) for row in made.log()] == [
        (1, "INV/2021/KEN-head_of_state"), (2, "INV/2021/KEN-head_of_state"),
    ]  # fmt: skip
    assert "0 made, 1 unchanged" in made.ok("generate").out


def test_a_dispatched_letter_whose_file_is_gone_is_not_another_revision(
    made: CampaignFolder,
) -> None:
    (path,) = made.pdfs()
    sent = path.read_bytes()
    made.ok("log", "record", "dispatched", "invitation", "KEN", "--yes")
    path.unlink()
    made.ok("generate")
    assert made.pdfs() == [path]
    assert path.read_bytes() == sent
    assert [row["standing"] for row in made.log()] == ["dispatched"]


def test_a_file_changed_by_hand_is_not_overwritten(made: CampaignFolder) -> None:
    (path,) = made.pdfs()
    path.write_bytes(path.read_bytes() + b"% changed by hand\n")
    changed = path.read_bytes()
    made.replace("templates/invitation/en.html", "honour", "great honour")
    done = made("generate")
    assert done.code == 1
    assert "1 held back" in done.out
    assert "output/invitation/KEN-head_of_state-en.pdf" in done.err
    assert "Move it away" in done.err
    assert path.read_bytes() == changed
    path.rename(path.with_name("mine.pdf"))
    assert "1 made" in made.ok("generate").out


def test_a_file_that_lay_there_before_the_register_is_not_overwritten(
    campaign: CampaignFolder,
) -> None:
    # A register that was moved away, or a PDF somebody put there: it may have been sent.
    name = "output/invitation/KEN-head_of_state-en.pdf"
    campaign.write(name, b"%PDF-1.7 somebody's own\n")
    done = campaign("generate")
    assert done.code == 1
    assert name in done.err
    assert campaign.file(name).read_bytes() == b"%PDF-1.7 somebody's own\n"


# a letter that fails


def test_a_letter_that_fails_does_not_stop_the_others(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*many(3))
    campaign.replace(
        "templates/invitation/en.html",
        "{{ state.the }}",
        '{% if state.iso3 == "BGD" %}{{ recipient.extra.nothing }}{% endif %}{{ state.the }}',
    )
    done = campaign("generate", "--jobs", "1")
    assert done.code == 1
    assert "2 made" in done.out
    assert "1 held back" in done.out
    assert "templates/invitation/en.html:3" in done.err
    assert "nothing" in done.err
    assert "BGD" in done.err
    agreed(campaign, 2)


def test_a_fault_of_all_letters_is_said_once(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*many(3))
    campaign.replace("templates/invitation/en.html", "{{ state.the }}", "{{ nothing }}")
    done = campaign("generate", "--jobs", "1")
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert "templates/invitation/en.html:3" in line
    assert "and 2 other letters" in line
    assert "3 held back" in done.out
    assert len(campaign("generate", "--json").json()["problems"]) == 3


def test_a_letter_with_a_character_no_font_has_is_held_back(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN", "name": "Uhuru \U0010fffd"}, {"state": "FRA"})
    done = campaign("generate")
    assert done.code == 1
    assert "1 made" in done.out
    assert "KEN" in done.err
    agreed(campaign, 1)


# kill -9, Ctrl-C


@pytest.mark.parametrize(
    "changed",
    [pytest.param(False, marks=pytest.mark.slow), True],
    ids=["first time", "over earlier letters"],
)
def test_killed_and_generated_again(make_campaign: MakeCampaign, changed: bool) -> None:
    require("qpdf")
    campaign = make_campaign(*many(6))
    if changed:
        campaign.ok("generate")
        campaign.replace("templates/invitation/en.html", "honour", "great honour")
    before = {path: path.stat().st_mtime_ns for path in campaign.pdfs()}

    def some_are_new() -> bool:
        now = {path: path.stat().st_mtime_ns for path in campaign.pdfs()}
        return sum(before.get(path) != time_ for path, time_ in now.items()) >= 2

    process = campaign.start("generate", "--jobs", "1")
    wait_for(some_are_new, process)
    kill(process)
    for path in campaign.pdfs():
        assert is_whole(path)
    campaign.ok("generate")
    agreed(campaign, 6)
    if changed:
        for path in campaign.pdfs():
            assert "great honour" in pdf_text(path)
    assert "0 made, 6 unchanged" in campaign.ok("generate").out


def test_half_files_of_a_killed_run_are_cleared_away(campaign: CampaignFolder) -> None:
    half = campaign.write("output/invitation/.KEN-head_of_state-en.pdf.ab12cd", b"%PDF-1.7 ha")
    campaign.ok("generate")
    assert not half.exists()
    agreed(campaign, 1)


@pytest.mark.slow
def test_interrupted(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*many(40))
    process = campaign.start("generate", "--jobs", "1")
    wait_for(lambda: len(campaign.pdfs()) >= 3, process)
    # As a terminal does it: to the program and its workers.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, (out, err)
    assert "interrupted" in err
    assert "Traceback" not in out + err
    made = len(campaign.pdfs())
    assert 3 <= made < 40
    agreed(campaign, made)


# two at once


@pytest.mark.slow
def test_two_at_once(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*many(8))
    first = campaign.start("generate", "--jobs", "1")
    wait_for(lambda: len(campaign.pdfs()) >= 1, first)
    second: list[Done] = []
    thread = threading.Thread(target=lambda: second.append(campaign("generate", "--jobs", "1")))
    thread.start()
    out, err = first.communicate(timeout=120)
    thread.join()
    assert first.returncode == 0, (out, err)
    assert second[0].code in (0, 5), second[0].said
    if second[0].code == 5:
        assert "already" in second[0].err
    agreed(campaign, 8)


# the machine


def test_the_output_folder_is_a_file(campaign: CampaignFolder) -> None:
    shutil.rmtree(campaign.file("output"))
    campaign.write("output", "a file")
    done = campaign("generate")
    assert done.code == 5
    assert str(campaign.file("output")) in done.err
    assert "Rename that file" in done.err
    assert campaign.read("output") == "a file"
    assert not campaign.file("register.sqlite").exists()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a small file system; skips where this machine does not let us."""
    points: list[Path] = []

    def _mount(point: Path, options: str) -> Path:
        point.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(point)], capture_output=True
        )
        if done.returncode != 0:
            pytest.skip("a file system of our own cannot be mounted here (root is needed)")
        points.append(point)
        return point

    yield _mount
    for point in points:
        subprocess.run(["umount", "-l", str(point)], check=True)


def test_the_disk_is_full(campaign: CampaignFolder, mounted: Callable[..., Path]) -> None:
    campaign.rows(*many(8))
    shutil.rmtree(campaign.file("output"))
    mounted(campaign.file("output"), "size=128k")
    done = campaign("generate", "--jobs", "1")
    assert done.code == 5
    assert "the disk is full" in done.err
    assert "Make room" in done.err
    made = len(campaign.pdfs())
    assert 0 < made < 8
    agreed(campaign, made)


def test_nothing_may_be_written(campaign: CampaignFolder, mounted: Callable[..., Path]) -> None:
    shutil.rmtree(campaign.file("output"))
    mounted(campaign.file("output"), "size=1m,ro")
    done = campaign("generate")
    assert done.code == 5
    assert "read-only" in done.err
    assert "Choose another folder" in done.err


def test_no_permission(campaign: CampaignFolder) -> None:
    campaign.file("output").chmod(0o500)
    try:
        done = campaign.apart("generate", bound_by_permissions=True)
    finally:
        campaign.file("output").chmod(0o700)
    assert done.returncode == 5
    assert os.strerror(errno.EACCES).lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_folder_stands_where_a_letter_goes(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*many(3))
    campaign.file("output/invitation/BGD-head_of_state-en.pdf").mkdir(parents=True)
    done = campaign("generate", "--jobs", "1")
    assert done.code == 1
    assert "BGD-head_of_state-en.pdf" in done.err
    assert "2 made" in done.out


def test_as_csv_writes_what_is_usual() -> None:
    assert as_csv({"state": "KEN"}).splitlines()[1] == "head_of_state,president,en,not_joined,1,KEN"
