"""Reads a TOML file into a pydantic model, with every fault of the file as a problem."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from outreach_merge import catalogue
from outreach_merge.model import Problem
from outreach_merge.wording import suggest

_Model = TypeVar("_Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Definition(Generic[_Model]):
    """The result of reading a file.

    :param value: the definition; ``None`` when anything is wrong with the file.
    :param sound: the definition without the keys that are wrong, to find further faults and for
        no other use; ``None`` when required keys are missing from it.
    """

    value: _Model | None
    problems: tuple[Problem, ...]
    sound: _Model | None = None


def read_definition(
    path: Path, model: type[_Model], name: str, defaults: Mapping[str, Any] | None = None
) -> Definition[_Model]:
    """Read one TOML file into ``model``.

    :param name: the file's name in problems.
    :param defaults: values for keys the file does not have.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return _failed(catalogue.MISSING_FILE.at(name))
    except UnicodeDecodeError:
        return _failed(catalogue.NOT_UTF8.at(name))
    except OSError as error:
        return _failed(catalogue.UNREADABLE_FILE.at(name, reason=error.strerror or error))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _failed(toml_fault(error, name))
    try:
        value = model.model_validate({**(defaults or {}), **data})
    except ValidationError as error:
        problems = tuple(_problems(error, model, name, text))
        for fault in error.errors(include_url=False):
            if fault["type"] != "missing":
                _remove(data, fault["loc"])
        return Definition(None, problems, _validated(model, {**(defaults or {}), **data}))
    return Definition(value, (), value)


def toml_fault(error: tomllib.TOMLDecodeError, name: str) -> Problem:
    """The problem of a file that is not valid TOML, with its line."""
    line = _AT_LINE.search(str(error))
    reason = _AT_LINE.sub("", str(error)).strip().lower()
    return catalogue.TOML_SYNTAX.at(name, int(line[1]) if line else None, reason=reason)


def _failed(problem: Problem) -> Definition[Any]:
    return Definition(None, (problem,))


def _problems(
    error: ValidationError, model: type[BaseModel], name: str, text: str
) -> Iterator[Problem]:
    seen: set[str] = set()
    lines = lines_of_keys(text)
    for fault in error.errors(include_url=False):
        path = [str(part) for part in fault["loc"] if _is_key(part)]
        key = ".".join(path)
        if key in seen:
            continue
        seen.add(key)
        row = _line_of(fault["loc"], lines)
        if fault["type"] == "extra_forbidden":
            suggestion = suggest(path[-1], _known_keys(model, path[:-1]))
            yield catalogue.UNKNOWN_KEY.at(name, row, key, suggestion=suggestion)
        elif fault["type"] == "missing":
            yield catalogue.MISSING_KEY.at(name, row, key)
        else:
            yield _wrong_value(fault, (name, row, key))


def _remove(data: dict[str, Any], location: Sequence[int | str]) -> None:
    """Remove the key that pydantic reports; for an item of a list, the whole list."""
    whole = takewhile(lambda part: isinstance(part, str), location)
    *tables, key = (str(part) for part in whole if _is_key(part))
    table: Any = data
    for name in tables:
        table = table.get(name)
        if not isinstance(table, dict):  # removed for another fault
            return
    table.pop(key, None)


def _validated(model: type[_Model], data: Mapping[str, Any]) -> _Model | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _is_key(part: int | str) -> bool:
    """Whether a part of pydantic's location is a key of the file, not an index or a type."""
    return isinstance(part, str) and part not in ("str", "dict[str,str]")


def _line_of(location: Sequence[int | str], lines: Mapping[KeyPath, int]) -> int | None:
    """The line of the innermost part of a pydantic location that stands in the file."""
    path = [part for part in location if isinstance(part, int) or _is_key(part)]
    return next(
        (
            lines[tuple(path[:length])]
            for length in range(len(path), 0, -1)
            if tuple(path[:length]) in lines
        ),
        None,
    )


def _wrong_value(fault: ErrorDetails, place: tuple[str, int | None, str]) -> Problem:
    """The problem of a wrong value, in terms of the file."""
    shown, kind = _shown(fault["input"]), fault["type"]
    if kind in ("enum", "literal_error"):
        suggestion = suggest(str(fault["input"]), re.findall(r"'([^']*)'", fault["msg"]))
        return catalogue.UNKNOWN_VALUE.at(*place, value=shown, suggestion=suggestion)
    if kind.startswith("date"):
        return catalogue.NOT_A_DATE.at(*place, value=shown)
    if kind in ("string_type", "dict_type") and not isinstance(fault["input"], str):
        return catalogue.NOT_A_TEXT.at(*place, value=shown)
    if kind == "tuple_type":
        return catalogue.NOT_A_LIST.at(*place, value=shown)
    if kind == "string_pattern_mismatch":
        pattern = str(fault["ctx"]["pattern"])
        if choice := re.fullmatch(r"\^\(([\w|]+)\)\$", pattern):
            suggestion = suggest(str(fault["input"]), choice[1].split("|"))
            return catalogue.UNKNOWN_VALUE.at(*place, value=shown, suggestion=suggestion)
        if pattern.startswith("^[a-z"):
            return catalogue.NOT_A_NAME.at(*place, value=shown)
        return catalogue.NOT_IN_PATTERN.at(*place, value=shown, pattern=pattern)
    message = fault["msg"].removeprefix("Value error, ")
    return catalogue.WRONG_VALUE.at(*place, value=shown, reason=message[0].lower() + message[1:])


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """The line, counted from 1, on which every key and every table of a TOML text is written.

    A path names tables by key and the tables of an array by number. ``[a]``, ``b.c = 1`` and
    ``[[a.d]]`` on lines 1 to 3 give ``("a",)``: 1, ``("a", "b")`` and ``("a", "b", "c")``: 2,
    ``("a", "d")`` and ``("a", "d", 0)``: 3. A table without a line of its own has the line of its
    first key; keys of an inline table have the line on which the statement begins.

    :param text: valid TOML.
    """
    table: KeyPath = ()
    lines: dict[KeyPath, int] = {}
    lengths: dict[KeyPath, int] = {}  # of the arrays of tables
    for number, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if not statement.lstrip().startswith("["):
            for path in _paths(parsed):
                lines.setdefault(table + path, number)
                for length in range(1, len(table + path)):
                    lines.setdefault((table + path)[:length], number)
            continue
        *_, header = _paths(parsed)
        is_array = isinstance(header[-1], int)
        *outer, name = (part for part in header if isinstance(part, str))
        table = ()
        for part in outer:
            table = (*table, part)
            lines.setdefault(table, number)
            if table in lengths:
                table = (*table, lengths[table] - 1)
        table = (*table, name)
        if is_array:
            lines.setdefault(table, number)
            lengths[table] = lengths.get(table, 0) + 1
            table = (*table, lengths[table] - 1)
        lines[table] = number
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Every statement (a header, or a key with its value) with the number of its first line.

    TOML begins a statement on a line of its own, and no part of one that is cut short before
    its last line is valid: the shortest run of lines that can be parsed is a statement.
    """
    pending: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not pending and line.strip().partition("#")[0] == "":
            continue
        pending.append(line)
        statement = "\n".join(pending)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(pending) + 1, statement
        pending = []


def _paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The path of every key and every item of a parsed value, outermost first."""
    items = value.items() if isinstance(value, dict) else ()
    numbered = enumerate(value) if isinstance(value, list) else ()
    for part, inner in (*items, *numbered):
        yield (*path, part)
        yield from _paths(inner, (*path, part))


def _known_keys(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Keys of the model that ``path`` leads to."""
    current: Any = model
    for part in path:
        field = current.model_fields.get(part) if _is_model(current) else None
        current = _model_within(field.annotation) if field else current
    return sorted(current.model_fields) if _is_model(current) else []


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _model_within(annotation: Any) -> Any:
    """The model within an annotation: ``Letterhead`` in ``Mapping[str, Letterhead]``."""
    if _is_model(annotation):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_within(argument)
        if found is not None:
            return found
    return None
