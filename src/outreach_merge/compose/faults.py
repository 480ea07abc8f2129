"""Errors in templates as problems with file and line, for people who do not program."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.utils import missing

from outreach_merge import catalogue
from outreach_merge.compose.variables import GLOBALS, view_name
from outreach_merge.errors import OutreachError
from outreach_merge.model import Problem
from outreach_merge.wording import nearest, suggest

_LISTED = 12
_PAGE = "docs/templates.md"


class ComposeError(OutreachError):
    """The letter could not be composed; ``problem`` says what to mend."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, problem.remedy)
        self.problem = problem


class PlainUndefined(jinja2.StrictUndefined):
    """An undefined variable, named in errors as it is written in the template."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        # The sandbox passes its reason as the hint.
        if self._undefined_hint:
            return str(self._undefined_hint)
        name, holder = str(self._undefined_name), self._undefined_obj
        if holder is missing:
            return f'there is no variable "{name}".{_perhaps(name, _top_level())}'
        known = sorted(set(_names(holder)))
        prefix = view_name(holder)
        if prefix:
            near = nearest(name, known)
            hint = f' Did you mean "{prefix}.{near}"?' if near else ""
            return f'there is no variable "{prefix}.{name}".{hint}'
        return f'there is no "{name}" here.{_perhaps(name, known)}'


def template_problem(
    error: jinja2.TemplateError, name: str, folder: Path, page: str = _PAGE
) -> Problem:
    """An error of Jinja as a problem with file and line.

    :param name: the template that was rendered.
    :param folder: the folder of the templates.
    :param page: of the docs, which lists what such a template may name.
    """
    if isinstance(error, jinja2.TemplateSyntaxError):
        reason = _sentence(error.message or "cannot be read")
        file = f"templates/{error.name or name}"
        return catalogue.TEMPLATE_SYNTAX.at(file, error.lineno, reason=reason)
    place = _line_in_template(error, name, folder)
    if isinstance(error, jinja2.TemplateNotFound):
        return catalogue.MISSING_TEMPLATE.at(*place, name=error.name)
    unknown = isinstance(error, jinja2.UndefinedError)
    kind = catalogue.UNKNOWN_VARIABLE if unknown else catalogue.TEMPLATE_ERROR
    return kind.at(*place, reason=_sentence(error.message or type(error).__name__), page=page)


def failure_in_template(error: Exception, name: str, folder: Path, page: str = _PAGE) -> Problem:
    """Any other exception raised while a template is rendered, as a problem."""
    place = _line_in_template(error, name, folder)
    what = "the template includes itself" if isinstance(error, RecursionError) else str(error)
    return catalogue.TEMPLATE_LINE_FAILS.at(*place, reason=_sentence(what), page=page)


def _line_in_template(error: Exception, name: str, folder: Path) -> tuple[str, int | None]:
    """The innermost template line of the traceback, which Jinja rewrites to template lines."""
    frames = [
        (Path(frame.filename), frame.lineno)
        for frame in reversed(traceback.extract_tb(error.__traceback__))
        if frame.filename.endswith(".html")
    ]
    for path, line in frames:
        if path.is_relative_to(folder):
            return f"templates/{path.relative_to(folder).as_posix()}", line
    # A layout of the program is not a file of the campaign.
    return f"templates/{name}", None


def _names(holder: Any) -> Iterator[str]:
    """The attributes of an object that templates may use."""
    if isinstance(holder, Mapping):
        yield from map(str, holder)
    elif is_dataclass(holder):
        for entry in fields(holder):
            if entry.name in ("forms", "short"):
                yield from _names(getattr(holder, entry.name))
            else:
                yield entry.name


def _top_level() -> list[str]:
    plain = [name for name in GLOBALS if name.isidentifier()]
    called = [name.partition("(")[0] for name in GLOBALS if "(" in name and "|" not in name]
    return sorted({*plain, *called, "recipient", "state", "letter"})


def _perhaps(name: str, known: Iterable[str]) -> str:
    options = list(known)
    hint = suggest(name, options, None if 0 < len(options) <= _LISTED else "")
    return f" {hint}" if hint else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
