"""Facts of 27 July 2021 that were gathered elsewhere, to compare the project's own data with.

They are no part of the project and travel with no copy of it; where they lie beside the repository,
in ``shared/data``, they are compared.
"""

from __future__ import annotations

import csv

import pytest

from folders import ROOT

FOLDER = ROOT.parent / "shared" / "data"


def reference(name: str) -> list[dict[str, str]]:
    """The rows of a file of reference; skips the running test where there is none."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"the facts to compare with are not beside this repository ({name})")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))
