"""The wheel holds what the program needs, without the source tree beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree and unpacked as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*build, str(folder), str(ROOT)], check=True, cwd=folder)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "outreach_merge", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=False,
    )


@pytest.mark.slow
def test_init_and_generate_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    made = run(installed, "init", "campaign", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    generated = run(installed, "--campaign", "campaign", "generate", cwd=tmp_path)
    assert generated.returncode == 0, generated.stderr
    names = {path.name for path in (tmp_path / "campaign/output/invitation").glob("*.pdf")}
    assert names == {
        "KEN-head_of_state-en.pdf",
        "CIV-head_of_state-fr.pdf",
        "NAM-foreign_minister-en.pdf",
    }


@pytest.mark.slow
def test_the_wheel_holds_every_data_file_of_the_package(installed: Path) -> None:
    package = ROOT / "src" / "outreach_merge"
    tracked = subprocess.run(
        ["git", "ls-files", "src/outreach_merge"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    ).stdout.splitlines()
    for name in tracked:
        relative = (ROOT / name).relative_to(package)
        assert (installed / "outreach_merge" / relative).is_file(), name


@pytest.mark.slow
def test_type_checkers_read_the_annotations_of_the_wheel(installed: Path) -> None:
    """PEP 561: without ``py.typed`` every import of the package is ``Any``."""
    assert (installed / "outreach_merge" / "py.typed").is_file()
    program = installed.parent / "program.py"
    program.write_text("from outreach_merge.wording import counted\nreveal_type(counted)\n")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", os.devnull, str(program)],
        capture_output=True,
        text=True,
        cwd=installed.parent,
        env={**os.environ, "MYPYPATH": "", "PYTHONPATH": str(installed)},
        check=False,
    )
    assert "def (count: int, noun: str) -> str" in checked.stdout, checked.stdout
