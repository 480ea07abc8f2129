"""The catalogue of problems: whole, in the docs, and the only place that makes problems.

What stands in a call is compared with the templates in the source, so that a call which no test
reaches has the right fields too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from outreach_merge import catalogue
from outreach_merge.catalogue import ProblemKind, every_kind
from outreach_merge.model import Severity

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "outreach_merge"

_PLACE = {"file", "row", "column", "letter"}


@cache
def sources() -> dict[str, ast.Module]:
    """The program's files, by path below the package."""
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def test_a_code_means_one_thing() -> None:
    meanings: dict[str, set[str]] = {}
    for kind in every_kind():
        meanings.setdefault(kind.code, set()).add(kind.meaning)
    assert {code: found for code, found in meanings.items() if len(found) > 1} == {}
    said = [meaning for found in meanings.values() for meaning in found]
    assert sorted(said) == sorted(set(said))
    assert not [code for code in meanings if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)]


def test_every_code_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    documented = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert documented == sorted({kind.code for kind in every_kind()})


@pytest.mark.parametrize("kind", list(every_kind()), ids=lambda kind: kind.code)
def test_every_kind_becomes_a_problem(kind: ProblemKind) -> None:
    values: dict[str, object] = {field: f"<{field}>" for field in kind.fields}
    values |= dict.fromkeys({"size", "largest", "dpi", "code"} & kind.fields, 7)  # have a format
    problem = kind.at("x.csv", 3, "state", letter="notes/KEN", **values)
    assert (problem.code, problem.severity) == (kind.code, kind.severity)
    assert (problem.where, problem.letter) == ('x.csv:3, column "state"', "notes/KEN")
    said = f"{problem.message} {problem.remedy}"
    assert not [value for value in values.values() if str(value) not in said]


def test_a_field_that_is_missing_or_unknown_is_refused() -> None:
    for fields in ({}, {"cell": "x", "other": "y"}):
        with pytest.raises(TypeError, match="unknown-gender"):
            catalogue.UNKNOWN_GENDER.at("x.csv", 3, "gender", **fields)


def test_a_further_wording_keeps_code_and_meaning() -> None:
    kind = catalogue.UNKNOWN_GENDER.worded("not {cell}", severity=Severity.WARNING)
    problem = kind.at(cell="x")
    assert (problem.code, problem.message) == ("unknown-gender", "not x")
    assert (problem.remedy, problem.severity) == ("Write f or m.", Severity.WARNING)


def test_problems_are_made_by_the_catalogue_alone() -> None:
    makers = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Problem"
    }
    assert makers == {"catalogue.py"}


def test_every_kind_is_used() -> None:
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load)
    }
    unused = {
        name
        for name, kind in vars(catalogue).items()
        if isinstance(kind, ProblemKind) and name not in names
    }
    assert unused == set()


@pytest.mark.parametrize("file", sources())
def test_every_call_gives_the_fields_of_its_kind(file: str) -> None:
    tree = sources()[file]
    wrong = [
        f"{file}:{call.lineno}: {kind.code} needs {sorted(kind.fields)}, got {sorted(given)}"
        for call, kinds in calls(tree)
        for kind in kinds
        if (given := {str(keyword.arg) for keyword in call.keywords} - _PLACE) != kind.fields
    ]
    assert not wrong, "\n".join(wrong)


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, list[ProblemKind]]]:
    """Calls of ``ProblemKind.at`` in a file, with the kinds that each may be of."""
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        local = dict(assigned(scope))
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "at":
                assert isinstance(node.func, ast.Attribute)
                holder = node.func.value
                if isinstance(holder, ast.Name):
                    assert holder.id in local, f"line {node.lineno}: which kind {holder.id} is"
                    holder = local[holder.id]
                yield node, list(kinds_of(holder))


def assigned(scope: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Names that are given a value in a function, with the value."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
            else:
                pairs = zip([target], [node.value], strict=True)
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def kinds_of(value: ast.expr) -> Iterator[ProblemKind]:
    """``catalogue.A``, ``catalogue.TABLE[key]``, or one of two."""
    if isinstance(value, ast.IfExp):
        yield from kinds_of(value.body)
        yield from kinds_of(value.orelse)
    elif isinstance(value, ast.Subscript):
        assert isinstance(value.value, ast.Attribute)
        yield from getattr(catalogue, value.value.attr).values()
    else:
        assert isinstance(value, ast.Attribute), ast.unparse(value)
        yield getattr(catalogue, value.attr)
