"""A TOML file -> a definition, with every fault of the file as a problem."""

from __future__ import annotations

import difflib
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

_Model = TypeVar("_Model", bound=BaseModel)
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Definition(Generic[_Model]):
    """The definition, or ``None``, and what is wrong with its file.

    :param value: the definition; ``None`` when anything is wrong with the file.
    :param sound: what the file says where it is not wrong: the definition without the keys that
        are, to look for faults elsewhere and for nothing else. ``None`` when that is no whole
        definition.
    """

    value: _Model | None
    problems: tuple[Problem, ...]
    sound: _Model | None = None


def read_definition(
    path: Path, model: type[_Model], name: str, defaults: Mapping[str, Any] | None = None
) -> Definition[_Model]:
    """Read one TOML file into ``model``.

    :param name: what to call the file in problems.
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
    """What is wrong with a file that is no TOML, and on which line."""
    line = _AT_LINE.search(str(error))
    reason = _AT_LINE.sub("", str(error)).strip().lower()
    return catalogue.TOML_SYNTAX.at(name, int(line[1]) if line else None, reason=reason)


def _failed(problem: Problem) -> Definition[Any]:
    return Definition(None, (problem,))


def _problems(
    error: ValidationError, model: type[BaseModel], name: str, text: str
) -> Iterator[Problem]:
    seen: set[str] = set()
    for fault in error.errors(include_url=False):
        path = [str(part) for part in fault["loc"] if _is_key(part)]
        key = ".".join(path)
        if key in seen:
            continue
        seen.add(key)
        row = _line_of(path, text)
        if fault["type"] == "extra_forbidden":
            suggestion = _nearest(path[-1], _known_keys(model, path[:-1]))
            yield catalogue.UNKNOWN_KEY.at(name, row, key, suggestion=suggestion)
        elif fault["type"] == "missing":
            yield catalogue.MISSING_KEY.at(name, row, key)
        else:
            yield _wrong_value(fault, (name, row, key))


def _remove(data: dict[str, Any], location: Sequence[int | str]) -> None:
    """Take out the key that pydantic finds fault with; a list goes with what is wrong in it."""
    whole = takewhile(lambda part: isinstance(part, str), location)
    *tables, key = (str(part) for part in whole if _is_key(part))
    table: Any = data
    for name in tables:
        table = table.get(name)
        if not isinstance(table, dict):  # it was taken out for another fault
            return
    table.pop(key, None)


def _validated(model: type[_Model], data: Mapping[str, Any]) -> _Model | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _is_key(part: int | str) -> bool:
    """Whether a part of pydantic's location is a key of the file, not a place in a list."""
    return isinstance(part, str) and part not in ("str", "dict[str,str]")


def _wrong_value(fault: ErrorDetails, place: tuple[str, int | None, str]) -> Problem:
    """What is wrong with a value, and what would be right, for people who do not program."""
    shown, kind = _shown(fault["input"]), fault["type"]
    if kind in ("enum", "literal_error"):
        suggestion = _nearest(str(fault["input"]), re.findall(r"'([^']*)'", fault["msg"]))
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
            suggestion = _nearest(str(fault["input"]), choice[1].split("|"))
            return catalogue.UNKNOWN_VALUE.at(*place, value=shown, suggestion=suggestion)
        if pattern.startswith("^[a-z"):
            return catalogue.NOT_A_NAME.at(*place, value=shown)
        return catalogue.NOT_IN_PATTERN.at(*place, value=shown, pattern=pattern)
    message = fault["msg"].removeprefix("Value error, ")
    return catalogue.WRONG_VALUE.at(*place, value=shown, reason=message[0].lower() + message[1:])


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(known)}."


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def _line_of(path: Sequence[str], text: str) -> int | None:
    """The line on which the last part of the key that stands in the file is written."""
    for part in reversed(path):
        pattern = re.compile(rf"^\s*(\[[^\]]*\b{re.escape(part)}\]|{re.escape(part)}\s*=)")
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.match(line):
                return number
    return None


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
    """The model an annotation such as ``Mapping[str, Letterhead]`` is about."""
    if _is_model(annotation):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_within(argument)
        if found is not None:
            return found
    return None
