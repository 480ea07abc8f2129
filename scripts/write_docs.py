"""Writes the parts of docs/ that are made from the code, between ``<!-- made: X -->`` markers, and
the published schema of what a machine reads of a letter.

``python scripts/write_docs.py`` writes; with ``--check`` it only says what is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from string import Formatter

import typer

from outreach_merge.catalogue import PREFLIGHT, ProblemKind, every_kind
from outreach_merge.cli.app import app
from outreach_merge.compose import reference
from outreach_merge.definitions import Joined, LetterDefinition, Meeting, RecipientFilter, Review, Session
from outreach_merge.errors import ExitCode
from outreach_merge.press.letter_metadata import LetterMetadata
from outreach_merge.protocol import Protocol
from outreach_merge.recipients import COLUMNS

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "src" / "outreach_merge" / "schemas" / "letter.schema.json"
SIX = ("en", "fr", "es", "ar", "ru", "zh")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown; bars in cells are escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def exit_codes() -> str:
    return table(("code", "meaning"), [(str(int(code)), code.meaning) for code in ExitCode])


def columns() -> str:
    return table(("column", "meaning"), [(f"`{name}`", text) for name, text in COLUMNS.items()])


def variables() -> str:
    return table(("in a template", "what it holds"), [(f"`{n}`", text) for n, text in reference()])


def state_forms() -> str:
    protocol = Protocol.load()
    rows = [
        (language, f"`state.{form}`", meaning, str(getattr(protocol.state("KEN", language), form)))
        for language in SIX
        for form, meaning in protocol.language(language).state_forms.items()
    ]
    return table(("language", "form", "what it is for", "Kenya"), rows)


def address_forms() -> str:
    protocol = Protocol.load()
    rows = [
        (language, f"`recipient.{form}`", meaning)
        for language in SIX
        for form, meaning in protocol.language(language).address_forms.items()
    ]
    return table(("language", "form", "what it is for"), rows)


def commands() -> str:
    """Every command with its help, as the terminal prints it."""
    root = typer.main.get_command(app)
    parts: list[str] = []
    _describe(root, ("outreach-merge",), parts)
    return "\n\n".join(parts)


def _describe(command: object, path: tuple[str, ...], parts: list[str]) -> None:
    children = getattr(command, "commands", {})
    context = command.make_context(path[-1], [], resilient_parsing=True)  # type: ignore[attr-defined]
    context.info_name = " ".join(path)
    context.terminal_width = context.max_content_width = 100
    if len(path) > 1 or not children:
        text = command.get_help(context)  # type: ignore[attr-defined]
        parts.append(f"## `{' '.join(path[1:])}`\n\n```text\n{text.strip()}\n```")
    for name, child in children.items():
        _describe(child, (*path, name), parts)


def letter_keys() -> str:
    """Every key a letter's definition may hold."""
    tables = {
        "": LetterDefinition, "recipients.": RecipientFilter, "recipients.joined.": Joined,
        "meeting.": Meeting, "review.": Review, "review.sessions.<name>.": Session,
    }  # fmt: skip
    rows = [
        (f"`{prefix}{name}`", field.description or "", "" if field.is_required() else "optional")
        for prefix, model in tables.items()
        for name, field in model.model_fields.items()
        if not field.exclude
    ]
    return table(("key", "meaning", ""), rows)


def preflight_codes() -> str:
    rows = [
        (f"[`{kind.code}`](problems.md#{kind.code})", kind.meaning, kind.severity.value)
        for kind in PREFLIGHT
    ]
    return table(("code", "what was found", ""), rows)


def problems() -> str:
    """Every code of a problem, with all its messages and what to do about each."""
    by_code = sorted(every_kind(), key=lambda kind: kind.code)
    return "\n\n".join(
        _problem(code, list(dict.fromkeys(kinds)))
        for code, kinds in groupby(by_code, key=lambda kind: kind.code)
    )


def _problem(code: str, kinds: list[ProblemKind]) -> str:
    severities = " or ".join(dict.fromkeys(kind.severity.value for kind in kinds))
    said = [f"- {_readable(kind.message)} {_readable(kind.remedy)}".rstrip() for kind in kinds]
    return "\n".join([f"### {code}", "", f"{severities}: {kinds[0].meaning}", "", *said])


def _readable(template: str) -> str:
    """The template for the docs: fields without their formats, and nothing taken for a tag."""
    parts = Formatter().parse(template.replace("<", "\\<"))
    return "".join(text + (f"{{{field}}}" if field else "") for text, field, _, _ in parts)


def page_variables() -> str:
    """The variables of the stylesheet with their values."""
    css = (ROOT / "src" / "outreach_merge" / "layout" / "letter.css").read_text(encoding="utf-8")
    found = re.findall(r"^  --([a-z-]+): (.+);$", css.partition("}")[0], re.MULTILINE)
    return table(("variable", "value"), [(f"`{name}`", f"`{value}`") for name, value in found])


def letter_data() -> str:
    fields = LetterMetadata.model_json_schema()["properties"]
    rows = [(f"`{name}`", field.get("description", "")) for name, field in fields.items()]
    return table(("key", "meaning"), rows)


MADE: dict[str, Callable[[], str]] = {
    "preflight-codes": preflight_codes,
    "problems": problems,
    "page-variables": page_variables,
    "letter-data": letter_data,
    "exit-codes": exit_codes,
    "columns": columns,
    "variables": variables,
    "state-forms": state_forms,
    "address-forms": address_forms,
    "commands": commands,
    "letter-keys": letter_keys,
}


def renewed(text: str) -> str:
    """``text`` with every made part as the code makes it now."""
    for name, make in MADE.items():
        marker = f"<!-- made: {name} -->"
        if marker in text:
            pattern = re.compile(re.escape(marker) + r".*?<!-- end -->", re.DOTALL)
            new = f"{marker}\n{make()}\n<!-- end -->"
            text = pattern.sub(lambda _, new=new: new, text)  # type: ignore[misc]
    return text


def schema(_: str) -> str:
    return json.dumps(LetterMetadata.model_json_schema(), ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    stale = []
    made = dict.fromkeys(sorted((ROOT / "docs").glob("*.md")), renewed)
    for path, make in {**made, SCHEMA: schema}.items():
        old = path.read_text(encoding="utf-8")
        new = make(old)
        if new != old:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"{name} {'is out of date' if '--check' in sys.argv else 'written'}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
