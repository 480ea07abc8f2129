"""Wording that messages share: plurals, and suggestions for unknown words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 letter", "2 letters"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known word most like ``word``; empty where none is, and never ``word`` itself.

    :param cutoff: the least likeness, from 0 to 1 (``difflib.SequenceMatcher.ratio``).
    """
    others = [option for option in known if option != word]
    return next(iter(difflib.get_close_matches(word, others, n=1, cutoff=cutoff)), "")


def suggest(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """The remedy for an unknown ``word``: ``Did you mean "president"?``

    :param otherwise: what to say where nothing known is like it; by default all that is known.
    """
    options = list(known)
    if near := nearest(word, options):
        return f'Did you mean "{near}"?'
    return f"Known: {', '.join(filter(None, options))}." if otherwise is None else otherwise
