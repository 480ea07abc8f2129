"""Renders the templates that are not letters: the outreach update, the page of the report."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2

from outreach_merge import catalogue
from outreach_merge.compose.environment import make_environment, read_table
from outreach_merge.compose.faults import ComposeError, failure_in_template, template_problem
from outreach_merge.model import Problem

_PAGE = "docs/report.md"


class Documents:
    """The templates of a campaign, and of the program for names that it does not have.

    :param folder: the campaign folder.
    """

    def __init__(self, folder: Path) -> None:
        self._templates = folder / "templates"
        self._environment = make_environment(self._templates)

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Render a template; values are escaped as in a letter.

        :param name: path below ``templates/`` or the program's layout: ``report/fr.md``.
        :raises ComposeError: no such template, unknown variable, a mistake in its tags.
        """
        try:
            return self._environment.get_template(name).render(context)
        except UnicodeDecodeError as error:
            raise ComposeError(catalogue.NOT_UTF8.at(f"templates/{name}")) from error
        except jinja2.TemplateError as error:
            problem = template_problem(error, name, self._templates, _PAGE)
            raise ComposeError(_located(problem, error)) from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            problem = failure_in_template(error, name, self._templates, _PAGE)
            raise ComposeError(_located(problem, error)) from error

    def table(self, name: str) -> Mapping[str, Any]:
        """A TOML file below ``templates/``; empty when there is none.

        :raises ComposeError: it is not valid TOML.
        """
        return read_table(self._templates, name)


def _located(problem: Problem, error: Exception) -> Problem:
    """The problem with the line of the template, taken from the traceback."""
    row = problem.row
    if row is None:
        frames = reversed(traceback.extract_tb(error.__traceback__))
        row = next((f.lineno for f in frames if Path(f.filename).suffix == ".md"), None)
    return replace(problem, row=row)
