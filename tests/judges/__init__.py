"""Judges: programs that share no code with outreach-merge and say whether a PDF is right.

``require("pdfsig")`` at the head of a test skips it, in plain words, where a judge is absent.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

_SOFTHSM_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def softhsm_module() -> str | None:
    """Path of SoftHSM's PKCS#11 library, or None."""
    places = (os.environ.get("SOFTHSM2_MODULE", ""), *_SOFTHSM_PLACES)
    return next((place for place in places if place and Path(place).exists()), None)


def _absent_program(name: str, package: str) -> str:
    if shutil.which(name):
        return ""
    return f"the judge {name} is not installed (Debian package {package})"


def _absent_verapdf() -> str:
    from judges import verapdf

    return verapdf.missing()


def postgresql_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest there is, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _absent_postgresql() -> str:
    if importlib.util.find_spec("psycopg") is None:
        return "the driver of PostgreSQL is not installed (PyPI wheel psycopg)"
    if postgresql_programs() is None:
        return "the server PostgreSQL is not installed (Debian package postgresql)"
    return ""


def _absent_softhsm() -> str:
    if softhsm_module() and shutil.which("softhsm2-util"):
        return ""
    return "the token SoftHSM is not installed (Debian package softhsm2)"


_ABSENT: dict[str, Callable[[], str]] = {
    "pdfsig": lambda: _absent_program("pdfsig", "poppler-utils"),
    "pdffonts": lambda: _absent_program("pdffonts", "poppler-utils"),
    "pdftotext": lambda: _absent_program("pdftotext", "poppler-utils"),
    "pdfinfo": lambda: _absent_program("pdfinfo", "poppler-utils"),
    "pdftoppm": lambda: _absent_program("pdftoppm", "poppler-utils"),
    "qpdf": lambda: _absent_program("qpdf", "qpdf"),
    "openssl": lambda: _absent_program("openssl", "openssl"),
    "certutil": lambda: _absent_program("certutil", "libnss3-tools"),
    "verapdf": _absent_verapdf,
    "softhsm": _absent_softhsm,
    "soffice": lambda: _absent_program("soffice", "libreoffice-calc"),
    "setpriv": lambda: _absent_program("setpriv", "util-linux"),
    "postgresql": _absent_postgresql,
}


def require(*names: str) -> None:
    """Skip the running test where one of the judges is absent, and say which.

    :raises KeyError: for a name that is no judge.
    """
    for name in names:
        reason = _ABSENT[name]()
        if reason:
            pytest.skip(reason)


def run(*command: str | os.PathLike[str], env: dict[str, str] | None = None) -> str:
    """What a judge says, standard output and error together; its exit code is not believed."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
    )
    return done.stdout.decode("utf-8", errors="replace")
