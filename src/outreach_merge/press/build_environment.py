"""What a letter's bytes depend on besides the campaign: the program, its libraries, the fonts.

Two machines on which all of it is the same make the same file of the same letter.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from outreach_merge import __version__
from outreach_merge.definitions import CampaignSettings
from outreach_merge.files import sha256_of_file

_PACKAGE = Path(__file__).parent.parent
#: Differences that are named; of the rest, how many.
_NAMED = 3


def build_environment(folder: Path, settings: CampaignSettings) -> Mapping[str, str]:
    """Name -> version or digest, of this process; fonts are those that the stylesheets name."""
    from outreach_merge.typeset import stylesheets
    from outreach_merge.typeset.libraries import libraries

    styles = "\n".join(stylesheets(folder, settings))
    return {
        "outreach-merge": f"{__version__} ({_program()})",
        **libraries(),
        **{f"font {file}": sha256_of_file(file)[:12] for file in _fonts(styles)},
    }


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """What another machine has otherwise, in words; empty when all is the same."""
    found = list(_differences(ours, theirs))
    more = len(found) - _NAMED
    return ", ".join(found[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*ours, *theirs}):
        here, there = ours.get(name, ""), theirs.get(name, "")
        if here == there:
            continue
        if not there:
            yield f"no {name}"
        elif not here:
            yield f"{name}, which is not here"
        elif name.startswith("font "):
            yield f"another {name}"
        else:
            yield f"{name} {there} instead of {here}"


def _program() -> str:
    """A digest of the program's own files: two states of it may bear one version."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(
                f"{path.relative_to(_PACKAGE).as_posix()} {sha256_of_file(path)}".encode()
            )
    return digest.hexdigest()[:12]


def _fonts(styles: str) -> list[Path]:
    """Files of the machine's fonts whose family is named."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    listing = subprocess.run(
        [program, "--format", "%{file}\t%{family}\n"], capture_output=True, text=True, check=False
    ).stdout
    pairs = (line.split("\t", 1) for line in listing.splitlines())
    return sorted(
        {Path(file) for file, names in pairs if any(name in styles for name in names.split(","))}
    )
