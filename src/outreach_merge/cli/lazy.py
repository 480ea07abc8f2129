"""Commands whose modules are imported when they are called, so that ``--help`` is fast."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

#: Command -> module, function in it, and help text. Every command must be listed here.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("init:init", "Make a new campaign folder that generates at once."),
    "new-letter": ("new_letter:new_letter", "Write a commented definition and templates."),
    "check": ("check:check", "Show every problem in data, letters and templates."),
    "preview": ("preview:preview", "Make one letter as a draft: PDF, or picture, HTML, text."),
    "generate": ("generate:generate", "Make one PDF a recipient under output/."),
    "proof": ("proof:proof", "Put the whole batch on one contact sheet (PDF)."),
    "diff": ("diff:diff", "Show which letters differ between two runs, and how."),
    "sign": ("sign:sign", "Sign generated letters digitally."),
    "verify": ("verify:verify", "Say whose signatures are on a file, and whether it is whole."),
    "pki": ("pki:app", "Keys for samples and tests."),
    "log": ("log:app", "The dispatch register: record, show, export, verify."),
    "report": ("report:report", "Write the outreach update with its figures and charts."),
    "protocol": ("protocol:protocol", "Show how each addressee is written to."),
    "variables": ("list_variables:variables", "List every variable a template may use."),
    "schema": ("schema:schema", "Print the JSON Schema of a definition."),
}


class _Commands(UserDict[str, Any]):
    """The commands by name; each is imported on access."""

    def __getitem__(self, name: str) -> Any:
        command = super().__getitem__(name)
        if command is None:
            command = self[name] = _load(name)
        return command


class LazyGroup(TyperGroup):
    """The program's commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Commands(dict.fromkeys(COMMANDS))

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _load(name: str) -> Any:
    """The command as Typer builds it."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    target = getattr(import_module(f"outreach_merge.cli.{module}"), attribute)
    carrier = typer.Typer(add_completion=False, rich_markup_mode=None)
    carrier.callback()(lambda: None)
    if isinstance(target, typer.Typer):
        carrier.add_typer(target, name=name)
    else:
        carrier.command(name)(target)
    root: Any = typer.main.get_command(carrier)
    return root.commands[name]
