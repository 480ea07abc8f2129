"""Runs external validators on a letter's file, if they are installed.

veraPDF (``verapdf`` on the path, or the program that ``VERAPDF`` names) and qpdf.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from outreach_merge import catalogue
from outreach_merge.model import Problem

_PROFILES = {"3a": "PDF/A-3a", "ua1": "PDF/UA-1"}
#: Files in one call, within the limit on the length of a command line.
_AT_ONCE = 200


def installed() -> tuple[str, ...]:
    """Names of the installed validators."""
    return tuple(name for name, program in (("veraPDF", _verapdf()), ("qpdf", _qpdf())) if program)


def validate(files: Sequence[Path]) -> Mapping[Path, tuple[Problem, ...]]:
    """The validators' findings by file; files without findings are left out."""
    found: dict[Path, list[Problem]] = {}
    for path, finding in (*_run_verapdf(files), *_run_qpdf(files)):
        found.setdefault(path, []).append(finding)
    return {path: tuple(findings) for path, findings in found.items()}


def _run_verapdf(files: Sequence[Path]) -> Iterator[tuple[Path, Problem]]:
    program = _verapdf()
    if not program:
        return
    for start in range(0, len(files), _AT_ONCE):
        some = files[start : start + _AT_ONCE]
        for profile, name in _PROFILES.items():
            done = subprocess.run(
                [program, "--format", "text", "-v", "--flavour", profile, *map(str, some)],
                capture_output=True,
                text=True,
                check=False,
            )
            for path, rules in _verdicts(done.stdout, some):
                yield path, catalogue.NOT_PDF_A.at(profile=name, rules=rules or "no reason")


def _verdicts(output: str, files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Files that fail, with the rules they violate.

    veraPDF writes ``PASS file`` or ``FAIL file``, and the rules that fail indented below.
    """
    by_name = {str(path): path for path in files}
    current: Path | None = None
    rules: list[str] = []
    for line in [*output.splitlines(), "PASS "]:
        verdict = line[:5].strip()
        if verdict in ("PASS", "FAIL") and not line.startswith(" "):
            if current:
                yield current, "; ".join(dict.fromkeys(rules))
            name = next((name for name in by_name if f" {name}" in line), "")
            current, rules = (by_name[name] if name and verdict == "FAIL" else None), []
        elif current and line.strip():
            rules.append(" ".join(line.split()).removeprefix("FAIL "))


def _run_qpdf(files: Sequence[Path]) -> Iterator[tuple[Path, Problem]]:
    program = _qpdf()
    if not program:
        return
    for path in files:
        done = subprocess.run(
            [program, "--check", str(path)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            said = lines[0].replace(str(path), path.name) if lines else "damaged"
            yield path, catalogue.DAMAGED_FILE.at(reason=said)


def _verapdf() -> str:
    return os.environ.get("VERAPDF") or shutil.which("verapdf") or ""


def _qpdf() -> str:
    return shutil.which("qpdf") or ""
