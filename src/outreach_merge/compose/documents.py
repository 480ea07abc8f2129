"""Fills templates that are no letters: the outreach update, the page of the report."""

from __future__ import annotations

import tomllib
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from outreach_merge.compose.composer import LAYOUT, ComposeError, _environment, template_problem
from outreach_merge.model import Problem


class Documents:
    """The templates of a campaign, and behind them those of the program.

    :param folder: the campaign folder.
    """

    def __init__(self, folder: Path) -> None:
        self._templates = folder / "templates"
        self._environment = _environment([self._templates, LAYOUT])

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """The template filled; values are escaped as in a letter.

        :param name: path below ``templates/`` or the program's layout: ``report/fr.md``.
        :raises ComposeError: no such template, unknown variable, a mistake in its tags.
        """
        try:
            return self._environment.get_template(name).render(context)
        except jinja2.TemplateError as error:
            raise ComposeError(self._with_line(template_problem(error, name), error)) from error
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            problem = Problem(
                "template-error",
                f"{type(error).__name__}: {error}.",
                "Mend the expression.",
                file=f"templates/{name}",
            )
            raise ComposeError(self._with_line(problem, error)) from error

    def table(self, name: str) -> Mapping[str, Any]:
        """A TOML file below ``templates/``; empty where there is none.

        :raises ComposeError: it is no TOML.
        """
        path = self._templates / name
        try:
            return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ComposeError(
                Problem("toml-syntax", f"is no TOML: {error}.", "Mend it.", file=f"templates/{name}")
            ) from error

    @staticmethod
    def _with_line(problem: Problem, error: Exception) -> Problem:
        """The problem with the line of the template, which Jinja writes into the traceback."""
        if problem.row is not None:
            return problem
        frames = reversed(traceback.extract_tb(error.__traceback__))
        line = next((f.lineno for f in frames if Path(f.filename).suffix == ".md"), None)
        return Problem(
            problem.code, problem.message, problem.remedy, file=problem.file, row=line
        )
