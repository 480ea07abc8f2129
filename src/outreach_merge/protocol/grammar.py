"""Names with their grammatical forms, and the filling of a language's patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
_SPACES = re.compile(r" {2,}")
_SPACE_BEFORE_COMMA = re.compile(r" +(?=[,،，])")
_STRANDED_COMMA = re.compile(r"^[\s,،，]+|[\s,،，]+$")


class UnknownPlaceholder(KeyError):
    """A pattern names something that does not exist; ``args[0]`` is its name."""


def fill(pattern: str, lookup: Callable[[str], str]) -> str:
    """Fill ``{placeholders}`` and remove the spaces that empty ones leave.

    Only names are allowed in the braces, so that data files cannot access objects.

    :raises UnknownPlaceholder: when ``lookup`` raises ``KeyError``.
    """

    def value(match: re.Match[str]) -> str:
        try:
            return lookup(match[1])
        except KeyError as error:
            raise UnknownPlaceholder(match[1]) from error

    text = _SPACES.sub(" ", _PLACEHOLDER.sub(value, pattern))
    return _SPACE_BEFORE_COMMA.sub("", text).strip(" ")


def fill_line(pattern: str, lookup: Callable[[str], str]) -> str:
    """As :func:`fill`, and drop a comma that an empty placeholder left at an end."""
    filled = fill(pattern, lookup)
    keeps_comma = pattern.rstrip().endswith((",", "،", "，"))
    return filled if keeps_comma else _STRANDED_COMMA.sub("", filled)


@dataclass(frozen=True, slots=True)
class NameForms:
    """A name and its forms; a template writes ``{{ state.of }}``, ``{{ state.formal.in }}``.

    The language defines its forms in ``[state_forms]`` of ``language.toml``; ``the``,
    ``of``, ``to`` and ``in`` exist in every language.
    """

    name: str
    forms: Mapping[str, str] = field(repr=False)
    gender: str = ""
    number: str = ""

    def __getattr__(self, form: str) -> str:
        try:
            return self.forms[form]
        except KeyError:
            raise AttributeError(form) from None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StateForms:
    """A state in one language: its short name with its forms, and its formal name with its."""

    iso3: str
    short: NameForms
    formal: NameForms

    def __getattr__(self, form: str) -> str:
        value: str = getattr(self.short, form)
        return value

    def placeholder(self, name: str) -> str:
        """The value of ``state``, ``state.of``, ``formal`` or ``formal.of`` in a pattern.

        :raises KeyError: for a form the language does not have.
        """
        head, _, form = name.partition(".")
        forms = {"state": self.short, "formal": self.formal}[head]
        return forms.forms[form] if form and form != "name" else forms.name
