"""A campaign folder as its owner has it: files to edit, and a command line to type at."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judges import require
from outreach_merge.cli.app import run
from outreach_merge.register import Register

ROOT = Path(__file__).resolve().parents[1]
USUAL = {
    "kind": "head_of_state",
    "office": "president",
    "language": "en",
    "status": "not_joined",
    "group": "1",
}
CAMPAIGN_CODE = "my-campaign"


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CampaignFolder:
    """A campaign to test on."""

    path: Path

    def __call__(self, *arguments: str) -> Done:
        """Run a command on this campaign within this process."""
        return command("--campaign", str(self.path), *arguments)

    def ok(self, *arguments: str) -> Done:
        """Run a command that must end well."""
        done = self(*arguments)
        assert done.code == 0, done.said
        return done

    def problems(self) -> list[dict[str, Any]]:
        """What ``check --json`` finds."""
        found = self("check", "--json").json()
        assert isinstance(found, list)
        return found

    def problem(self, code: str) -> dict[str, Any]:
        """The one problem with this code."""
        found = self.problems()
        matching = [problem for problem in found if problem["code"] == code]
        assert len(matching) == 1, found
        return matching[0]

    def apart(
        self, *arguments: str, bound_by_permissions: bool = False, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own and wait for it.

        :param bound_by_permissions: let files' permissions bind it, also where root runs the tests.
        """
        binding: list[str] = []
        if bound_by_permissions and os.geteuid() == 0:
            require("setpriv")
            binding = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
        return subprocess.run(
            [*binding, *self._command(arguments)],
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
            timeout=120,
            **options,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command as a process (and process group) of its own."""
        return subprocess.Popen(
            self._command(arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            start_new_session=True,
        )

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "outreach_merge", "--campaign", str(self.path), *arguments]

    def file(self, name: str) -> Path:
        return self.path / name

    def read(self, name: str) -> str:
        return self.file(name).read_text(encoding="utf-8")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the campaign."""
        path = self.file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file; what is replaced must stand in it."""
        text = self.read(name)
        assert old in text, (name, old)
        self.write(name, text.replace(old, new))

    def rows(self, *rows: Mapping[str, str]) -> None:
        """Write recipients.csv."""
        self.write("recipients.csv", as_csv(*rows))

    def pdfs(self) -> list[Path]:
        """Letters under output/, previews left aside."""
        found = self.file("output").glob("*/*.pdf")
        return sorted(path for path in found if path.parent.name != "preview")

    def leftovers(self) -> list[Path]:
        """Files in the output folders that are no letters."""
        found = self.file("output").glob("*/*")
        return sorted(path for path in found if path.suffix != ".pdf")

    @contextlib.contextmanager
    def register(self) -> Iterator[Register]:
        with Register.open(self.file("register.sqlite"), CAMPAIGN_CODE) as register:
            yield register

    def log(self, table: str = "letters") -> list[dict[str, Any]]:
        """The dispatch log as ``log export`` gives it."""
        done = self.ok(
            "log", "export", "--format", "json", "--to", "-", "--table", table,
            "--include-confidential",
        )  # fmt: skip
        exported = json.loads(done.out)
        rows = exported if isinstance(exported, list) else exported[table]
        assert isinstance(rows, list)
        return rows


def make_folder(path: Path, *rows: Mapping[str, str]) -> CampaignFolder:
    """``init``, with recipients of our own where any are given."""
    done = command("init", str(path))
    assert done.code == 0, done.said
    folder = CampaignFolder(path)
    if rows:
        folder.rows(*rows)
    return folder


def command(*arguments: str) -> Done:
    """Run the command line within this process."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    err = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return Done(int(code), buffer.getvalue().decode(), err.getvalue())


def as_csv(*rows: Mapping[str, str], delimiter: str = ",", line_end: str = "\n") -> str:
    """Rows as CSV; what a row does not say is usual."""
    full = [{**USUAL, **row} for row in rows]
    header = list(dict.fromkeys(column for row in full for column in row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, header, delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(full)
    return stream.getvalue()


def environment() -> dict[str, str]:
    """The environment of a process that runs this source tree."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}


def pdf_text(path: Path) -> str:
    """The words of a PDF as poppler reads them, a space between any two."""
    done = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


def is_whole(path: Path) -> bool:
    """Whether qpdf finds the file without fault."""
    return subprocess.run(["qpdf", "--check", str(path)], capture_output=True).returncode == 0
