"""List the functions that a recipient's row passes in ``generate``, for ARCHITECTURE.md.

Run it from the top of the repository: python scripts/recipients_way.py writes the list between its
marks in ARCHITECTURE.md; with --check it says whether the list is up to date.

One letter is generated in this process, workers' part included, and every call of a function of
ours is looked at. A function is on the way when it hands the recipient on in one of its forms: it
returns or yields it (or what holds it), or writes it. Functions that only look at it (rules,
digests, findings, texts) and methods of the forms themselves are counted beside the list.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Self
from unittest.mock import patch

from outreach_merge.cli.app import run
from outreach_merge.model import ComposedLetter, PlannedLetter, Recipient, TypesetLetter
from outreach_merge.press.decide import Keep, Render
from outreach_merge.press.outcomes import Made
from outreach_merge.press.renderer import RendererConfig, RenderJob, RenderResult
from outreach_merge.press.worker_state import WorkerState
from outreach_merge.register import LetterRecord, NewEvent

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "outreach_merge"
PAGE = ROOT / "ARCHITECTURE.md"
START, END = "<!-- recipient's way: start -->", "<!-- recipient's way: end -->"
NAME = "Uhuru Kenyatta"
ROW = f"""state,kind,office,language,status,group,name,gender
KEN,head_of_state,president,en,not_joined,1,{NAME},m
"""
FORMS = (
    Recipient, PlannedLetter, Render, Keep, RenderJob, ComposedLetter, TypesetLetter, RenderResult,
    Made, NewEvent, LetterRecord,
)  # fmt: skip
#: Functions that write the file and the entry, and those that bring it to them.
WRITERS = (
    "Commit.take_rendered", "Commit._take_typeset", "Commit._add", "Commit._finish",
    "LetterFiles.write", "RegisterRows.add",
)  # fmt: skip
#: The pipe to a worker process and its other end, which this process does without.
PROCESS = (("press/local_executor.py", "LocalExecutor.make"), ("press/local_executor.py", "_work"))
#: How far what holds the recipient is searched: a campaign holds a tuple of recipients.
DEPTH = 3


class InProcess:
    """Renders letters in this process, as a worker does."""

    def __init__(self, config: RendererConfig) -> None:
        self._state = WorkerState(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._state.put_away()

    def make(self, jobs: Iterable[RenderJob]) -> Iterator[RenderResult]:
        yield from map(self._state.make, jobs)


class Trace:
    """The functions that were called with the recipient, in the order of their first call."""

    def __init__(self) -> None:
        self._called: dict[tuple[str, str], None] = {}
        self._forms: dict[tuple[str, str], str] = {}
        self._handed: set[tuple[str, str]] = set()

    def __call__(self, frame: FrameType, event: str, value: Any) -> None:
        code = frame.f_code
        if event not in ("call", "return") or not _is_ours(code):
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if names[:1] == ("self",) and isinstance(frame.f_locals.get("self"), FORMS):
            return
        key = (str(Path(code.co_filename).relative_to(SOURCE)), code.co_qualname)
        self._called.setdefault(key)
        if event == "return" and (form := form_of(value)):
            self._forms.setdefault(key, form)
        elif event == "call" and any(form_of(frame.f_locals.get(name)) for name in names):
            self._handed.add(key)

    @property
    def passed(self) -> list[tuple[str, str, str]]:
        """File, name, and the form that each hands on."""
        found = []
        for file, name in self._called:
            if (file, name) in self._forms or name in WRITERS:
                found.append((file, name, self._forms.get((file, name), "")))
            if name == "Pipeline._render":
                found += [(*key, "RenderResult") for key in PROCESS]
        return found

    @property
    def looking(self) -> int:
        """How many other functions are handed the recipient."""
        return len(self._handed - {(file, name) for file, name, _ in self.passed})


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(f"{SOURCE}/") and not code.co_name.startswith("<")


def form_of(value: Any, depth: int = DEPTH) -> str:
    """The form in which ``value`` is the recipient or holds it; empty for neither."""
    if isinstance(value, FORMS):
        return type(value).__name__
    if depth == 0:
        return ""
    if isinstance(value, Mapping):
        if NAME in value.values():
            return "row"
        return next(filter(None, (form_of(one, depth - 1) for one in value.values())), "")
    if isinstance(value, tuple | list):
        return next(filter(None, (form_of(one, depth - 1) for one in value)), "")
    if is_dataclass(value) and type(value).__module__.startswith("outreach_merge"):
        held = (getattr(value, item.name, None) for item in fields(value))
        return next(filter(None, (form_of(one, depth - 1) for one in held)), "")
    return ""


def trace() -> Trace:
    """Generate one letter and note the functions that its recipient passes."""
    found = Trace()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "campaign"
        assert run(["init", str(folder)]) == 0
        (folder / "recipients.csv").write_text(ROW, encoding="utf-8")

        def open_executor(config: RendererConfig, *_: object, **__: object) -> InProcess:
            return InProcess(config)

        with patch("outreach_merge.press.pipeline.open_executor", open_executor):
            sys.setprofile(found)
            try:
                assert run(["-c", str(folder), "generate", "--jobs", "1"]) == 0
            finally:
                sys.setprofile(None)
    return found


def as_text(found: Trace) -> str:
    """The list as it stands in ARCHITECTURE.md."""
    lines = [
        f"{number}. `{file}` `{name}`{f' → {form}' if form else ''}"
        for number, (file, name, form) in enumerate(found.passed, 1)
    ]
    looking = f"Beside them {found.looking} functions look at it: rules, digests, findings, texts."
    return "\n".join([START, "", *lines, "", looking, "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    text = before + as_text(trace()) + rest.partition(END)[2]
    if not options.check:
        PAGE.write_text(text, encoding="utf-8")
    elif text != page:
        sys.exit("ARCHITECTURE.md: run python scripts/recipients_way.py")


if __name__ == "__main__":
    main()
