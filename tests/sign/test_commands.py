"""``sign``, ``verify``, ``pki specimen`` and ``generate --sign``, as they are typed."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import json
import os
import pty
import select
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from folders import ROOT, CampaignFolder, command, environment, make_folder
from judges import require, run
from judges.verapdf import validate
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing import LetterSigner
from outreach_merge.sign.state import signature_state

_DER = serialization.Encoding.DER
PASSPHRASE = "seven-lanterns-Ω-harbour"

SIGNATORIES = """
[signatories.counsellor]
name = "B. Specimen"
office = { en = "Counsellor", fr = "Conseiller" }

[signing]
trust = ["pki/specimen-authority.pem"]

[signing.keys.ambassador]
key = "pki/ambassador.p12"

[signing.keys.counsellor]
key = "pki/counsellor.p12"
"""
KENYA = "output/invitation/KEN-head_of_state-en.pdf"


@contextlib.contextmanager
def given_passphrase(secret: str = PASSPHRASE) -> Iterator[None]:
    """The pass phrase stands in the environment, as a script would have it."""
    os.environ["OUTREACH_PASSPHRASE"] = secret
    try:
        yield
    finally:
        os.environ.pop("OUTREACH_PASSPHRASE", None)


@pytest.fixture(scope="module")
def specimen_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of the two signatories, made once."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "campaign.toml").write_text(
        'code = "k"\ntitle = "K"\nfacts_as_of = 2021-07-27\nlanguages = ["en"]\n'
        '[signatories.ambassador]\nname = "A. Specimen"\noffice = "Ambassador"\n'
        '[signatories.counsellor]\nname = "B. Specimen"\noffice = "Counsellor"\n'
    )
    with given_passphrase():
        done = command("--campaign", str(folder), "pki", "specimen")
    assert done.code == 0, done.said
    return folder / "pki"


def make_digital(folder: CampaignFolder, keys: Path) -> CampaignFolder:
    folder.replace("letters/invitation.toml", 'signature = "wet"', 'signature = "digital"')
    folder.replace("letters/invitation.toml", '["ambassador"]', '["ambassador", "counsellor"]')
    folder.write("campaign.toml", folder.read("campaign.toml") + SIGNATORIES)
    shutil.copytree(keys, folder.file("pki"))
    return folder


@pytest.fixture(scope="module")
def generated_joint(
    tmp_path_factory: pytest.TempPathFactory, specimen_keys: Path
) -> CampaignFolder:
    kenya = {"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"}
    folder = make_folder(tmp_path_factory.mktemp("joint") / "campaign", kenya)
    make_digital(folder, specimen_keys)
    folder.ok("generate", "--jobs", "1")
    return folder


@pytest.fixture
def joint(generated_joint: CampaignFolder, tmp_path: Path) -> CampaignFolder:
    """A campaign of one letter that two sign digitally; generated."""
    return CampaignFolder(shutil.copytree(generated_joint.path, tmp_path / "joint"))


def signed_events(folder: CampaignFolder) -> list[Any]:
    with folder.register() as register:
        return [event for event in register.events() if event.kind.value == "signed"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- signing -----------------------------------------------------------------------------------


def test_letter_is_signed_by_one_and_completed_by_the_other_on_another_day(
    joint: CampaignFolder,
) -> None:
    with given_passphrase():
        done = joint.ok("sign", "--as", "ambassador")
    assert "1 letter: 1 signed" in done.out
    assert "1 waits for the signature of counsellor" in done.out
    half = joint("verify", str(joint.file(KENYA)), "--json")
    assert half.code == 4
    assert half.json()[0]["verdict"] == "missing-signature"
    with given_passphrase():
        joint.ok("sign")
    whole = joint("verify", str(joint.file(KENYA)), "--json")
    assert whole.code == 0, whole.said
    verdict = whole.json()[0]
    assert (verdict["verdict"], verdict["letter"], verdict["recipient"]) == (
        "ok",
        "invitation",
        "KEN-head_of_state",
    )
    assert [one["signatory"] for one in verdict["signatures"]] == ["ambassador", "counsellor"]
    assert all(one["trusted"] and one["whole"] for one in verdict["signatures"])


def test_register_tells_who_signed_with_which_certificate(joint: CampaignFolder) -> None:
    with given_passphrase():
        joint.ok("sign")
    first, second = signed_events(joint)
    assert first.details["signatory"] == "ambassador"
    assert first.details["missing"] == ["counsellor"]
    assert first.details["complete"] is False
    assert second.details["signatory"] == "counsellor"
    assert second.details["complete"] is True
    assert second.details["level"] == "B-B"
    assert second.details["subject"] == "B. Specimen - SPECIMEN"
    assert second.digest == digest(joint.file(KENYA))
    certificate = joint.file("pki/counsellor.pem").read_bytes()
    parsed = x509.load_pem_x509_certificate(certificate)
    fingerprint = hashlib.sha256(parsed.public_bytes(_DER)).hexdigest()
    assert second.details["certificate"] == fingerprint
    joint.ok("log", "verify", "--files")


def test_signed_letter_stays_as_it_is(joint: CampaignFolder) -> None:
    with given_passphrase():
        joint.ok("sign")
    before = joint.file(KENYA).read_bytes()
    assert "1 unchanged" in joint.ok("generate").out
    assert "1 complete before" in joint.ok("sign").out, "no pass phrase is asked for"
    assert joint.file(KENYA).read_bytes() == before


def test_signed_letter_whose_text_changes_becomes_a_revision(joint: CampaignFolder) -> None:
    with given_passphrase():
        joint.ok("sign", "--as", "ambassador")
    half = joint.file(KENYA).read_bytes()
    refused = joint("log", "record", "dispatched", "invitation", "KEN-head_of_state", "--yes")
    assert refused.code != 0
    assert "not everybody who is to sign it has signed" in refused.err
    with given_passphrase():
        joint.ok("sign")
    signed = joint.file(KENYA).read_bytes()
    assert signed.startswith(half)
    joint.replace("letters/invitation.toml", 'en = "Invitation"', 'en = "Invitation to Geneva"')
    assert "1 made" in joint.ok("generate", "--jobs", "1").out
    assert joint.file(KENYA).read_bytes() == signed, "what was signed is not touched"
    second = joint.file(KENYA.replace(".pdf", "-r2.pdf"))
    assert signature_state(second.read_bytes()).signed == ()
    with given_passphrase():
        joint.ok("sign")
    joint.ok("verify", str(second), str(joint.file(KENYA)))


def test_lost_signed_letter_is_not_made_again(joint: CampaignFolder) -> None:
    with given_passphrase():
        joint.ok("sign")
    joint.file(KENYA).unlink()
    done = joint("generate", "--jobs", "1")
    assert done.code == 1
    assert not joint.file(KENYA).exists()


def test_generate_and_sign_at_once(campaign: CampaignFolder, specimen_keys: Path) -> None:
    make_digital(campaign, specimen_keys)
    with given_passphrase():
        done = campaign.ok("generate", "--sign", "--jobs", "1")
    assert "1 made" in done.out
    assert "1 signed" in done.out
    campaign.ok("verify", str(campaign.file(KENYA)))


def test_filters_choose_which_letters_are_signed(
    make_campaign: Callable[..., CampaignFolder], specimen_keys: Path
) -> None:
    folder = make_campaign({"state": "KEN"}, {"state": "CI", "language": "fr"}, {"state": "GHA"})
    make_digital(folder, specimen_keys)
    folder.ok("generate", "--jobs", "1")
    with given_passphrase():
        done = folder.ok("sign", "invitation", "--language", "fr", "--json")
    outcomes = {one["recipient"]: one["outcome"] for one in done.json()["letters"]}
    assert outcomes == {"CIV-head_of_state": "signed"}
    assert [event.recipient for event in signed_events(folder)] == ["CIV-head_of_state"] * 2
    with given_passphrase():
        assert "2 signed, 1 complete before" in folder.ok("sign").out


def test_signed_letter_is_seen_to_be_signed(joint: CampaignFolder, tmp_path: Path) -> None:
    """The mark is set by us on the page, and the field lies over it, with a tooltip."""
    require("pdftotext", "pdfsig", "qpdf", "verapdf")
    with given_passphrase():
        joint.ok("sign")
    path = joint.file(KENYA)
    assert run("pdftotext", path, "-").count("Digitally signed") == 2
    with pikepdf.open(path) as document:
        ambassador, counsellor = document.Root.AcroForm.Fields
        assert str(ambassador.TU) == "Signature of A. Specimen"
        for field in (ambassador, counsellor):
            left, bottom, right, top = (float(side) for side in field.Rect)
            assert 100 < right - left < 300
            assert 20 < top - bottom < 100
            assert field.AP.N.read_bytes() == b"", "no stamp in a font that is not ours"
            height = float(document.pages[-1].MediaBox[3])
            window = {"-x": left, "-y": height - top, "-W": right - left, "-H": top - bottom}
            where = [part for side in window for part in (side, str(int(window[side])))]
            assert "Digitally signed" in run("pdftotext", *where, path, "-")
    assert run("pdfsig", "-nocert", path).count("Signature is Valid") == 2
    assert not validate([path])[path]


_STATE = {"group": "1", "issues": "", "status": "not_joined"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, specimen_keys: Path) -> CampaignFolder:
    """Joint letters of the sample campaign, one in each script, signed by both."""
    folder = CampaignFolder(tmp_path_factory.mktemp("sample"))
    shutil.copytree(ROOT / "templates", folder.file("templates"))
    for name in ("ipu-joint.toml", "enclosures"):
        if (ROOT / "letters" / name).is_dir():
            shutil.copytree(ROOT / "letters" / name, folder.file(f"letters/{name}"))
        elif (ROOT / "letters" / name).is_file():
            folder.write(f"letters/{name}", (ROOT / "letters" / name).read_bytes())
    shutil.copy(ROOT / "campaign.toml", folder.file("campaign.toml"))
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "parliament"]
    folder.rows(
        *(
            {**row, "language": language, "courtesy_language": "", "hold": "", **_STATE}
            for row, language in zip(rows, ("en", "fr", "ar", "ru", "zh"), strict=False)
        )
    )
    folder.replace("letters/ipu-joint.toml", 'signature = "image"', 'signature = "image+digital"')
    shutil.copytree(specimen_keys, folder.file("pki"))
    settings = folder.read("campaign.toml").split("\n[signing]")[0]
    settings += '\n[signing]\ntrust = ["pki/specimen-authority.pem"]\n'
    for signatory, key in {"conference": "ambassador", "ipu": "counsellor"}.items():
        settings += f'[signing.keys.{signatory}]\nkey = "pki/{key}.p12"\n'
    folder.write("campaign.toml", settings)
    with given_passphrase():
        folder.ok("generate", "ipu-joint", "--sign", "--jobs", "1")
    return folder


@pytest.mark.slow
def test_letters_in_every_script_are_signed_alike(sample: CampaignFolder, tmp_path: Path) -> None:
    require("pdfsig", "verapdf")
    paths = sample.pdfs()
    assert len(paths) == 5
    unsigned = [tmp_path / path.name for path in paths]
    for path, before in zip(paths, unsigned, strict=True):
        signed = path.read_bytes()
        before.write_bytes(signed[: signed.index(b"%%EOF\n") + 6])
    failed = validate([*paths, *unsigned])
    for path, before in zip(paths, unsigned, strict=True):
        assert _rules(failed[path]) == _rules(failed[before]), "signing breaks nothing"
        assert run("pdfsig", "-nocert", path).count("Signature is Valid") == 2, path
        sample.ok("verify", str(path))


def test_tooltips_are_in_the_letters_language(sample: CampaignFolder) -> None:
    tooltips = set()
    for path in sample.pdfs():
        with pikepdf.open(path) as document:
            tooltips |= {str(field.TU) for field in document.Root.AcroForm.Fields}
    assert len(tooltips) == 2 * 5
    assert "Signature of Martin Chungong" in tooltips


def _rules(failed: list[str]) -> set[str]:
    return {line.split(":")[0] for line in failed}


# --- pass phrases --------------------------------------------------------------------------------


def test_pass_phrases_through_a_file_descriptor(joint: CampaignFolder) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{PASSPHRASE}\n{PASSPHRASE}\n".encode())
    os.close(writing)
    joint.ok("sign", "--passphrase-fd", str(reading))
    assert signature_state(joint.file(KENYA).read_bytes()).missing == ()


def test_descriptor_that_is_not_open(joint: CampaignFolder) -> None:
    done = joint("sign", "--passphrase-fd", "97")
    assert done.code == 2
    assert "file descriptor 97 cannot be read" in done.err


def test_wrong_pass_phrase_signs_nothing(joint: CampaignFolder) -> None:
    before = joint.file(KENYA).read_bytes()
    with given_passphrase("wrong"):
        done = joint("sign")
    assert done.code == 3
    assert "does not open the key of ambassador. Nothing was signed with it." in done.err
    assert joint.file(KENYA).read_bytes() == before
    assert not signed_events(joint)


def test_nobody_to_ask(joint: CampaignFolder) -> None:
    done = joint("sign")
    assert done.code == 3
    assert "OUTREACH_PASSPHRASE_AMBASSADOR" in done.err


def type_at_a_terminal(
    folder: CampaignFolder, answers: list[str], *arguments: str
) -> tuple[int, str]:
    """Run a command at a terminal and answer each question for a pass phrase."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "outreach_merge", "--campaign", str(folder.path), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(),
        start_new_session=True,
    )
    os.close(slave)
    seen, asked = b"", 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.2)
        if ready:
            try:
                chunk = os.read(master, 4096)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
        if seen.count(b"Pass phrase for") > asked and seen.endswith(b": "):
            os.write(master, (answers[asked] + "\n").encode())
            asked += 1
        if process.poll() is not None and not ready:
            break
    os.close(master)
    return process.wait(10), seen.decode()


def test_terminal_asks_once_for_each_key(joint: CampaignFolder) -> None:
    code, seen = type_at_a_terminal(joint, [PASSPHRASE, PASSPHRASE], "sign")
    assert code == 0, seen
    assert seen.count("Pass phrase for the key of ambassador") == 1
    assert seen.count("Pass phrase for the key of counsellor") == 1
    assert PASSPHRASE not in seen, "what is typed is not shown"


def test_terminal_asks_again_three_times_then_gives_up(joint: CampaignFolder) -> None:
    code, seen = type_at_a_terminal(joint, ["wrong"] * 4, "sign")
    assert code == 3
    assert seen.count("Pass phrase for the key of ambassador") == 3
    assert seen.count("That does not open the key.") == 2
    assert "wrong" not in seen.replace("does not open", "")


def _processes() -> Iterator[Path]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield entry


def _children_of(parent: int) -> list[Path]:
    """All processes below ``parent``."""
    parents: dict[int, int] = {}
    for entry in _processes():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            parents[int(entry.name)] = int(fields[1])
    found = {parent}
    for _ in range(4):
        found |= {pid for pid, above in parents.items() if above in found}
    return [Path("/proc", str(pid)) for pid in sorted(found - {parent})]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc (Linux)")
def test_nobody_sees_the_pass_phrase(
    make_campaign: Callable[..., CampaignFolder], specimen_keys: Path, tmp_path: Path
) -> None:
    """While letters are made and signed: the process list with every environment; afterwards:
    what was printed, the register, every file of the campaign."""
    folder = make_campaign(*({"state": state} for state in ("KEN", "GHA", "NAM", "FJI", "SDN")))
    make_digital(folder, specimen_keys)
    secret = PASSPHRASE.encode()
    reading, writing = os.pipe()
    os.write(writing, secret + b"\n")
    os.close(writing)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "outreach_merge", "--verbose", "--campaign", str(folder.path)),
            *("generate", "--sign", "--jobs", "2", "--passphrase-fd", str(reading)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[reading],
        env=environment(),
    )
    os.close(reading)
    looked_at, leaks, workers = 0, [], set()
    while process.poll() is None:
        workers |= {child.name for child in _children_of(process.pid)}
        for entry in _processes():
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    looked_at += 1
                    if secret in (entry / name).read_bytes():
                        leaks.append(entry / name)
        time.sleep(0.02)
    assert process.stdout is not None
    printed = process.stdout.read()
    assert process.returncode == 0, printed.decode()
    assert b"5 signed" in printed
    assert len(workers) >= 2, "workers ran"
    assert looked_at > 100
    assert not leaks
    assert secret not in printed
    for path in folder.path.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc (Linux)")
def test_workers_do_not_inherit_it_from_the_environment(
    make_campaign: Callable[..., CampaignFolder], specimen_keys: Path
) -> None:
    folder = make_campaign(*({"state": state} for state in ("KEN", "GHA", "NAM", "FJI", "SDN")))
    make_digital(folder, specimen_keys)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "outreach_merge", "--campaign", str(folder.path)),
            *("generate", "--sign", "--jobs", "2"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**environment(), "OUTREACH_PASSPHRASE": PASSPHRASE},
    )
    seen: dict[str, bool] = {}
    while process.poll() is None:
        for child in _children_of(process.pid):
            with contextlib.suppress(OSError):
                found = (child / "environ").read_bytes()
                # Between fork and exec a child still is its parent: only what it runs counts.
                if found and (child / "cmdline").read_bytes() != _command_line(process.pid):
                    seen[child.name] = PASSPHRASE.encode() in found
        time.sleep(0.02)
    assert process.stdout is not None
    assert process.returncode == 0, process.stdout.read().decode()
    assert len(seen) >= 2, "workers ran"
    assert not any(seen.values())


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


# --- letters that cannot be signed ---------------------------------------------------------------


def problem_of(folder: CampaignFolder, *arguments: str) -> dict[str, Any]:
    with given_passphrase():
        done = folder("sign", "--json", *arguments)
    assert done.code == 1, done.said
    outcomes = done.json()["letters"]
    assert [one["outcome"] for one in outcomes] == ["not_signed"]
    problem = outcomes[0]["problem"]
    assert problem["remedy"]
    assert isinstance(problem, dict)
    return problem


def test_letter_that_was_not_generated(
    make_campaign: Callable[..., CampaignFolder], specimen_keys: Path
) -> None:
    folder = make_digital(make_campaign({"state": "KEN"}, {"state": "GHA"}), specimen_keys)
    folder.ok("generate", "--state", "KEN", "--jobs", "1")
    assert problem_of(folder, "--state", "GHA")["code"] == "not-generated"


def test_campaign_where_nothing_was_generated(
    campaign: CampaignFolder, specimen_keys: Path
) -> None:
    done = make_digital(campaign, specimen_keys)("sign")
    assert done.code == 3
    assert "no register" in done.err


def test_letter_whose_text_has_changed_since(joint: CampaignFolder) -> None:
    joint.replace("letters/invitation.toml", "Invitation", "Invitation to Geneva")
    assert problem_of(joint)["code"] == "outdated"


def test_letter_generated_for_ink_that_is_to_be_signed_digitally(
    campaign: CampaignFolder, specimen_keys: Path
) -> None:
    campaign.ok("generate", "--jobs", "1")
    make_digital(campaign, specimen_keys)
    assert problem_of(campaign)["code"] == "outdated"
    campaign.ok("generate", "--jobs", "1")
    with given_passphrase():
        assert "1 letter: 1 signed" in campaign.ok("sign").out


def test_letter_that_a_change_of_its_template_leaves_as_it_is_can_be_signed(
    joint: CampaignFolder,
) -> None:
    template = next(joint.path.glob("templates/*/en.html"))
    name = template.relative_to(joint.path).as_posix()
    joint.write(name, joint.read(name) + "{# a remark #}\n")
    assert problem_of(joint)["code"] == "outdated"
    assert "1 unchanged" in joint.ok("generate", "--jobs", "1").out
    with given_passphrase():
        assert "1 letter: 1 signed" in joint.ok("sign").out


def test_letter_with_its_enclosures_is_signed(joint: CampaignFolder, tmp_path: Path) -> None:
    shutil.copy(joint.file(KENYA), joint.file("letters/toolkit.pdf"))
    joint.write(
        "campaign.toml",
        joint.read("campaign.toml")
        + '\n[enclosures.toolkit]\ntitle = "Toolkit"\nfiles = { en = "letters/toolkit.pdf" }\n',
    )
    joint.replace(
        "letters/invitation.toml", "[recipients]", 'enclosures = ["toolkit"]\n[recipients]'
    )
    with given_passphrase():
        done = joint.ok("generate", "--with-enclosures", "--jobs", "1", "--sign")
    assert "1 letter: 1 signed" in done.out
    assert joint("verify", str(joint.file(KENYA))).code == 0
    with pikepdf.open(joint.file(KENYA)) as pdf:
        assert "toolkit-en.pdf" in pdf.attachments


def test_file_that_somebody_changed(joint: CampaignFolder) -> None:
    path = joint.file(KENYA)
    path.write_bytes(path.read_bytes() + b"% a word more\n")
    assert problem_of(joint)["code"] == "file-changed"
    path.write_bytes(b"not a PDF")
    assert problem_of(joint)["code"] == "not-ours"
    path.unlink()
    assert problem_of(joint)["code"] == "file-missing"


def test_letter_that_left_without_signatures(joint: CampaignFolder) -> None:
    joint.ok("log", "record", "dispatched", "invitation", "KEN-head_of_state", "--yes")
    assert problem_of(joint)["code"] == "letter-closed"


def test_time_stamp_server_that_is_down(
    make_campaign: Callable[..., CampaignFolder], specimen_keys: Path
) -> None:
    folder = make_digital(make_campaign({"state": "KEN"}, {"state": "GHA"}), specimen_keys)
    folder.replace(
        "campaign.toml", "[signing]", '[signing]\ntimestamp_url = "http://127.0.0.1:9/tsa"'
    )
    folder.ok("generate", "--jobs", "1")
    before = {path: digest(path) for path in folder.pdfs()}
    with given_passphrase():
        done = folder("sign")
    assert done.code == 1
    assert done.err.count("http://127.0.0.1:9/tsa did not stamp") == 1, "said once for both"
    assert "and 1 other letter: " in done.err
    assert "2 not signed" in done.out
    assert {path: digest(path) for path in folder.pdfs()} == before
    assert not signed_events(folder)
    assert folder.leftovers() == []


def test_letter_in_ink_is_passed_over_and_refused_by_name(campaign: CampaignFolder) -> None:
    campaign.ok("generate", "--jobs", "1")
    assert "0 letters" in campaign.ok("sign").out
    done = campaign("sign", "invitation")
    assert done.code == 2
    assert 'signature = "digital"' in done.err
    campaign.ok("verify", str(campaign.file(KENYA)))


def test_signatory_who_is_unknown_or_has_no_key(joint: CampaignFolder) -> None:
    done = joint("sign", "--as", "nobody")
    assert (done.code, 'no signatory "nobody"' in done.err) == (2, True)
    settings = joint.read("campaign.toml")
    joint.write("campaign.toml", settings.split("[signing.keys.counsellor]")[0])
    done = joint("sign", "--as", "counsellor")
    assert (done.code, 'names no key of "counsellor"' in done.err) == (2, True)
    with given_passphrase():
        assert "1 waits for the signature of counsellor" in joint.ok("sign").out


# --- signed on another machine -------------------------------------------------------------------


def sign_elsewhere(folder: CampaignFolder, name: str) -> bytes:
    """What another machine, without this register, makes of the file."""
    key = open_key(
        FileKey(folder.file(f"pki/{name}.p12")),
        name,
        Passphrases(lines=[Secret(PASSPHRASE)]),
        now=dt.datetime.now(dt.UTC),
    )
    with LetterSigner(key) as signer:
        return signer.sign(folder.file(KENYA).read_bytes()).pdf


def test_file_that_came_back_signed_is_entered(joint: CampaignFolder) -> None:
    """So is one that was signed by a run that was killed before it entered it."""
    with given_passphrase():
        joint.ok("sign", "--as", "ambassador")
    joint.file(KENYA).write_bytes(sign_elsewhere(joint, "counsellor"))
    unknown = joint("verify", str(joint.file(KENYA)), "--json")
    assert unknown.json()[0]["verdict"] == "unknown-file"
    assert "1 signed" in joint.ok("sign").out
    assert [event.details["signatory"] for event in signed_events(joint)] == [
        "ambassador",
        "counsellor",
    ]
    joint.ok("verify", str(joint.file(KENYA)))
    joint.ok("log", "verify", "--files")


def test_file_signed_elsewhere_is_completed_here(joint: CampaignFolder) -> None:
    joint.file(KENYA).write_bytes(sign_elsewhere(joint, "ambassador"))
    with given_passphrase():
        joint.ok("sign")
    assert len(signed_events(joint)) == 2
    joint.ok("verify", str(joint.file(KENYA)))


def test_file_that_came_back_signed_by_a_stranger_is_not_entered(
    joint: CampaignFolder, tmp_path: Path
) -> None:
    stranger = tmp_path / "elsewhere"
    with given_passphrase():
        command("--campaign", str(joint.path), "pki", "specimen", str(stranger))
    shutil.copy(stranger / "ambassador.p12", joint.file("pki/ambassador.p12"))
    joint.file(KENYA).write_bytes(sign_elsewhere(joint, "ambassador"))
    assert problem_of(joint)["code"] == "file-changed"
    assert not signed_events(joint)


# --- verifying ------------------------------------------------------------------------------------


def test_recipient_verifies_without_the_campaign(
    joint: CampaignFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with given_passphrase():
        joint.ok("sign")
    letter = tmp_path / "received.pdf"
    shutil.copy(joint.file(KENYA), letter)
    monkeypatch.chdir(tmp_path)
    trust = str(joint.file("pki/specimen-authority.pem"))
    done = command("verify", str(letter), "--trust", trust)
    assert done.code == 0, done.said
    assert "received.pdf: ok" in done.out
    assert "counsellor: B. Specimen - SPECIMEN" in done.out
    untrusted = command("verify", str(letter))
    assert untrusted.code == 4
    assert "--trust FILE" in untrusted.out


def test_copy_elsewhere_is_known_by_its_bytes(joint: CampaignFolder, tmp_path: Path) -> None:
    with given_passphrase():
        joint.ok("sign")
    shutil.copy(joint.file(KENYA), tmp_path / "copy.pdf")
    done = joint.ok("verify", str(tmp_path / "copy.pdf"))
    assert "letter invitation/KEN-head_of_state" in done.out


def test_verdicts_on_tampered_files(joint: CampaignFolder, tmp_path: Path) -> None:
    with given_passphrase():
        joint.ok("sign", "--as", "ambassador")
    half = joint.file(KENYA).read_bytes()
    with given_passphrase():
        joint.ok("sign")
    whole = joint.file(KENYA).read_bytes()
    flipped = bytearray(whole)
    flipped[len(half) // 3] ^= 1
    files = {
        "changed": bytes(flipped),
        "appended-revision": whole + b"% more\n",
        "missing-signature": half,
        "unreadable": b"no PDF",
    }
    for verdict, content in files.items():
        path = tmp_path / f"{verdict}.pdf"
        path.write_bytes(content)
        done = joint("verify", "--json", str(path))
        assert done.code == 4
        assert done.json()[0]["verdict"] == verdict
        assert "Traceback" not in done.err
        assert done.err == ""


def test_letter_of_another_campaign_is_an_unknown_file(
    joint: CampaignFolder, make_campaign: Callable[..., CampaignFolder], specimen_keys: Path
) -> None:
    other = make_digital(make_campaign({"state": "GHA"}), specimen_keys)
    with given_passphrase():
        other.ok("generate", "--sign", "--jobs", "1")
    with given_passphrase():
        joint.ok("sign")
    done = joint("verify", "--json", str(other.pdfs()[0]))
    assert done.code == 4
    assert done.json()[0]["verdict"] == "unknown-file"


def test_signature_with_another_certificate_than_the_register_saw(
    joint: CampaignFolder, tmp_path: Path
) -> None:
    """Somebody of the same authority re-signs the half-signed letter in the counsellor's place."""
    with given_passphrase():
        joint.ok("sign", "--as", "ambassador")
    half = joint.file(KENYA).read_bytes()
    with given_passphrase():
        joint.ok("sign")
    shutil.copy(joint.file("pki/ambassador.p12"), joint.file("pki/counsellor.p12"))
    joint.file(KENYA).write_bytes(half)
    joint.file(KENYA).write_bytes(sign_elsewhere(joint, "counsellor"))
    done = joint("verify", "--json", str(joint.file(KENYA)))
    assert done.code == 4
    assert done.json()[0]["verdict"] == "foreign-signer"


@pytest.mark.parametrize("option", ["--trust", "--crl"])
def test_authoritys_file_that_is_none(joint: CampaignFolder, option: str) -> None:
    for wrong in ("campaign.toml", "nowhere.pem"):
        done = joint("verify", str(joint.file(KENYA)), option, str(joint.file(wrong)))
        assert done.code == 2
        assert wrong in done.err


def test_file_that_is_not_there(joint: CampaignFolder) -> None:
    done = joint("verify", "nowhere.pdf")
    assert done.code == 2
    assert "nowhere.pdf cannot be read: No such file" in done.err


# --- specimen keys --------------------------------------------------------------------------------


def test_every_name_says_specimen_and_keys_are_the_owners_alone(specimen_keys: Path) -> None:
    certificates = [
        x509.load_pem_x509_certificate(path.read_bytes()) for path in specimen_keys.glob("*.pem")
    ]
    assert len(certificates) == 3
    assert all("SPECIMEN" in one.subject.rfc4514_string() for one in certificates)
    keys = {type(one.public_key()).__name__ for one in certificates}
    assert {name[:3] for name in keys} == {"RSA", "Ell"} or len(keys) == 2
    for path in specimen_keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"PRIVATE KEY" not in path.read_bytes()
    assert not list(specimen_keys.glob("*authority*.p12")), "nobody can issue more"


def test_keys_are_not_overwritten(joint: CampaignFolder) -> None:
    before = joint.file("pki/ambassador.p12").read_bytes()
    with given_passphrase():
        done = joint("pki", "specimen")
    assert done.code == 2
    assert "is there already" in done.err
    assert joint.file("pki/ambassador.p12").read_bytes() == before


def test_keys_without_a_pass_phrase_are_not_made(campaign: CampaignFolder) -> None:
    done = campaign("pki", "specimen")
    assert done.code == 2
    assert "need a pass phrase" in done.err
    assert not campaign.file("pki").exists()


def test_specimen_tells_what_to_write_into_the_campaign(campaign: CampaignFolder) -> None:
    with given_passphrase():
        done = campaign.ok("pki", "specimen")
    written = done.out.split("For campaign.toml:")[1]
    campaign.write("campaign.toml", campaign.read("campaign.toml") + written)
    campaign.replace("letters/invitation.toml", 'signature = "wet"', 'signature = "digital"')
    with given_passphrase():
        campaign.ok("generate", "--sign", "--jobs", "1")
    campaign.ok("verify", str(campaign.file(KENYA)))


def test_json_of_the_keys(campaign: CampaignFolder, tmp_path: Path) -> None:
    with given_passphrase():
        done = campaign.ok("pki", "specimen", str(tmp_path / "k"), "--json")
    written = json.loads(done.out)
    assert Path(written["keys"]["ambassador"]).is_file()
    assert Path(written["authority"]).is_file()
