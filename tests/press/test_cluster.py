"""``generate --scheduler``: real schedulers and workers, which see nothing of the campaign."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from folders import ROOT, CampaignFolder, environment
from letters.conftest import copy_sample

MakeCampaign = Callable[..., CampaignFolder]
STATES = ("AGO", "ARE", "BHS", "BOL", "BRN", "BTN", "BWA", "COG", "COL", "CUB", "ECU", "EGY", "FJI")
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
WAIT = "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT"


@dataclass(frozen=True)
class Machines:
    """A running cluster, and the folder that decides what befalls its workers."""

    cluster: Any
    fate: Path

    @property
    def address(self) -> str:
        return str(self.cluster.scheduler_address)


@contextmanager
def machines(place: Path, workers: int = 2, threads: int = 1, **env: str) -> Iterator[Machines]:
    """
    :param place: no file below it can be opened by a worker; the workers' own folder is elsewhere.
    """
    distributed = pytest.importorskip("distributed")
    fate, own = place / "fate", place.parent / f"{place.name}-workers"
    fate.mkdir(parents=True)
    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        local_directory=str(own),
        scheduler_kwargs={"allowed_failures": 1},
        preload=[str(Path(__file__).with_name("on_a_worker.py"))],
        env={**environment(), "FORBIDDEN": str(place), "FATE": str(fate), **env},
    ) as cluster:
        yield Machines(cluster, fate)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the campaigns of these tests are."""
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def two(place: Path) -> Iterator[Machines]:
    """Two workers, of which the tests make no more than they find."""
    with machines(place) as found:
        yield found


@pytest.fixture
def office(place: Path, request: pytest.FixtureRequest) -> CampaignFolder:
    """A campaign of thirteen letters, one of which shows a picture of its own."""
    from folders import make_folder

    rows = [{"state": state, "picture": ""} for state in STATES]
    rows[9]["picture"] = "fatal.svg"
    folder = make_folder(place / request.node.name, *rows)
    folder.write("fatal.svg", PICTURE)
    folder.replace(
        "templates/invitation/en.html",
        "{% block body %}",
        "{% block body %}{% if recipient.extra.picture %}"
        '<p><img src="{{ recipient.extra.picture }}" alt="A disc"></p>{% endif %}',
    )
    return folder


def generate(
    campaign: CampaignFolder, scheduler: str, *arguments: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "outreach_merge", "--campaign", str(campaign.path)]
    done = subprocess.run(
        [*command, "generate", "--scheduler", scheduler, *arguments],
        capture_output=True, text=True, check=False, timeout=300, env={**environment(), **env},
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def files(campaign: CampaignFolder) -> dict[str, bytes]:
    folder = campaign.file("output")
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("*/*"))}


def entered(campaign: CampaignFolder) -> Counter[str]:
    """How often each recipient's letter was entered as made."""
    return Counter(
        str(event["recipient"]) for event in campaign.log("events") if event["event"] == "generated"
    )


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


# the same letters


@pytest.mark.slow
def test_the_same_to_the_byte_though_workers_see_no_file_of_it(two: Machines, place: Path) -> None:
    states = ("KEN", "EGY", "SGP", "CHN", "COG")
    here = copy_sample(place.parent / "here", states)
    there = copy_sample(place / "there", states)
    for campaign in (here, there):
        campaign.file("letters/upr.toml").unlink()  # its sessions name states that are not here
        for state in states:
            campaign.write(f"views/{state}.svg", PICTURE)
        campaign.replace(
            "templates/presidential/en.html",
            "{% block body %}",
            '{% block body %}<p><img src="views/{{ state.iso3 }}.svg" alt="A view"></p>',
        )
    command = ("presidential", "ipu-joint", "welcome", "--with-enclosures")
    done = generate(there, two.address, *command)
    assert done.returncode == 0, done.stderr
    here.ok("generate", *command)
    made = files(there)
    assert made == files(here)
    languages = {code for name in made for code in ("en", "ar", "zh") if f"-{code}" in name}
    assert languages == {"en", "ar", "zh"}
    assert "0 made" in generate(there, two.address, *command).stdout
    there.ok("log", "verify", "--files")


@pytest.mark.slow
def test_nothing_of_the_campaign_stays_on_the_workers(
    two: Machines, office: CampaignFolder, place: Path
) -> None:
    assert generate(office, two.address, "--limit", "3").returncode == 0
    own = place.parent / f"{place.name}-workers"
    assert list(own.rglob("worker-*")), "where the workers' folders are"
    assert not list(own.rglob("outreach-merge-*"))
    assert not two.cluster.scheduler.worker_plugins.keys() - {"shuffle"}


# workers that are lost


@pytest.mark.slow
def test_what_a_killed_worker_had_in_hand_is_made_by_another(
    two: Machines, office: CampaignFolder
) -> None:
    (two.fate / "once").touch()
    done = generate(office, two.address)
    assert not (two.fate / "once").exists(), "a worker was killed with SIGKILL"
    assert done.returncode == 0, done.stderr
    assert f"{len(STATES)} made" in done.stdout
    assert len(office.pdfs()) == len(STATES)
    assert set(entered(office).values()) == {1}
    office.ok("log", "verify", "--files")


@pytest.mark.slow
def test_a_letter_that_kills_every_worker_fails_alone(
    two: Machines, office: CampaignFolder
) -> None:
    (two.fate / "always").touch()
    done = generate(office, two.address)
    (two.fate / "always").unlink()
    assert done.returncode == 1
    assert f"{len(STATES) - 1} made, 0 unchanged, 1 held back" in done.stdout
    assert "the worker process ended while setting it" in done.stdout + done.stderr
    assert "1 made" in generate(office, two.address).stdout


@pytest.mark.slow
def test_interrupted(two: Machines, office: CampaignFolder) -> None:
    (two.fate / "wait").touch()  # one letter is never finished
    process = office.start("generate", "--scheduler", two.address)
    wait_for(lambda: len(office.pdfs()) >= 3, process)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    (two.fate / "wait").unlink()
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in out + err
    assert 3 <= sum(entered(office).values()) == len(office.pdfs()) < len(STATES)
    assert generate(office, two.address).returncode == 0
    assert set(entered(office).values()) == {1}


@pytest.mark.slow
def test_the_scheduler_is_lost(office: CampaignFolder, tmp_path: Path) -> None:
    with machines(tmp_path / "office") as lost:
        (lost.fate / "wait").touch()
        process = office.start("generate", "--scheduler", lost.address)
        wait_for(lambda: len(office.pdfs()) >= 3, process)
        (lost.fate / "wait").unlink()
    out, err = process.communicate(timeout=120)
    if process.returncode != 0:  # the last letters may have come before the end
        assert process.returncode == 5, (out, err)
        assert "was lost" in err
    assert "Traceback" not in out + err
    assert sum(entered(office).values()) == len(office.pdfs()) >= 3


# clusters that cannot be used


def test_a_scheduler_that_cannot_be_reached(campaign: CampaignFolder) -> None:
    pytest.importorskip("distributed")  # first, since it brings the settings that are changed
    dask = pytest.importorskip("dask")
    with dask.config.set({"distributed.comm.timeouts.connect": "0.3s"}):
        done = campaign("generate", "--scheduler", "tcp://127.0.0.1:9")
    assert done.code == 5
    assert "the scheduler tcp://127.0.0.1:9 could not be reached" in done.err
    assert "dask scheduler" in done.err
    assert campaign.pdfs() == []


@pytest.mark.parametrize("address", ["nobody:8786", "gopher://there:70", "tcp://host:port"])
def test_no_address(campaign: CampaignFolder, address: str) -> None:
    pytest.importorskip("distributed")
    done = campaign("generate", "--scheduler", address)
    assert done.code == 2, done.said
    assert "is not the address of a scheduler" in done.err
    assert campaign.pdfs() == []


def test_tls_without_certificates(campaign: CampaignFolder) -> None:
    pytest.importorskip("distributed")
    done = campaign("generate", "--scheduler", "tls://127.0.0.1:9")
    assert done.code == 5
    assert "distributed.comm.tls.ca-file" in done.err


def test_processes_of_this_machine_or_a_cluster(campaign: CampaignFolder) -> None:
    done = campaign("generate", "--scheduler", "tcp://127.0.0.1:9", "--jobs", "2")
    assert (done.code, campaign.pdfs()) == (2, [])


def test_without_dask(campaign: CampaignFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("outreach_merge.press.cluster")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = campaign("generate", "--scheduler", "tcp://127.0.0.1:9")
    assert done.code == 5
    assert 'pip install "outreach-merge[dask]"' in done.err


@pytest.mark.slow
def test_a_scheduler_without_workers(campaign: CampaignFolder, tmp_path: Path) -> None:
    with machines(tmp_path / "office", workers=0) as nobody:
        done = generate(campaign, nobody.address, **{WAIT: "1s"})
    assert done.returncode == 5
    assert "had no worker within 1 s" in done.stderr
    assert campaign.pdfs() == []


@pytest.mark.slow
def test_a_worker_with_other_fonts_is_refused(campaign: CampaignFolder, tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{fonts}</dir></fontconfig>")
    with machines(tmp_path / "office", workers=1, FONTCONFIG_FILE=str(config)) as other:
        done = generate(campaign, other.address)
    assert done.returncode == 5
    assert "differs from this machine" in done.stderr
    assert "no font /" in done.stderr
    assert campaign.pdfs() == []


@pytest.mark.slow
def test_a_worker_that_sets_a_letter_otherwise_is_refused(
    campaign: CampaignFolder, tmp_path: Path
) -> None:
    """The same versions and fonts, and yet: a user's own fontconfig puts one in another's place."""
    config = tmp_path / "config" / "fontconfig" / "fonts.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        '<fontconfig><match target="pattern"><test name="family"><string>EB Garamond 12</string>'
        '</test><edit name="family" mode="assign" binding="strong"><string>Amiri</string></edit>'
        "</match></fontconfig>"
    )
    own = str(config.parents[1])
    with machines(tmp_path / "office", workers=1, XDG_CONFIG_HOME=own) as other:
        done = generate(campaign, other.address)
    assert done.returncode == 5
    assert "letter invitation/KEN-head_of_state " in done.stderr
    assert campaign.pdfs() == []


@pytest.mark.slow
def test_a_worker_with_another_program_is_refused(campaign: CampaignFolder, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    style = tmp_path / "src" / "outreach_merge" / "layout" / "letter.css"
    style.write_text(style.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with machines(tmp_path / "office", workers=0) as others:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1"]
        worker = subprocess.Popen(
            [*command, "--no-dashboard", "--local-directory", str(tmp_path), others.address],
            env={**environment(), "PYTHONPATH": str(tmp_path / "src")},
            stderr=subprocess.DEVNULL,
        )
        done = generate(campaign, others.address)
        worker.terminate()
        worker.wait(60)
    assert done.returncode == 5
    assert "differs from this machine" in done.stderr
    assert "outreach-merge 0" in done.stderr
    assert campaign.pdfs() == []


@pytest.mark.slow
def test_workers_with_several_threads_are_refused(campaign: CampaignFolder, tmp_path: Path) -> None:
    with machines(tmp_path / "office", workers=1, threads=2) as busy:
        done = generate(campaign, busy.address)
    assert done.returncode == 5
    assert "--nthreads 1" in done.stderr
    assert campaign.pdfs() == []
