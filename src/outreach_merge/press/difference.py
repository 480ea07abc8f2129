"""What changed between two runs: which letters, which words, and where on the page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from outreach_merge.html_pages import render_page
from outreach_merge.pictures import marked_differences, page_texts
from outreach_merge.wording import counted

_WORDS = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")
#: The hyphen that the typesetter puts where it breaks a word; a word's own is another.
_HYPHENATION = re.compile("[\u2010\ufffe\x02]\\s*")
_PICTURE_DPI = 70
#: Words shown on either side of a change.
_CONTEXT = 8


class Change(StrEnum):
    """What became of a letter between two runs."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Edit:
    """A passage that reads differently: words before it, old words, new words, words after."""

    lead: str
    old: str
    new: str
    trail: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A letter that is not as it was.

    :param edits: empty where only the look changed.
    :param pages: pictures (PNG) of the pages that differ, before and after.
    """

    name: str
    change: Change
    edits: tuple[Edit, ...] = ()
    pages: tuple[tuple[bytes, bytes], ...] = ()


def letters_in(folder: Path) -> dict[str, bytes]:
    """The letters of an output folder by their path below it; previews are left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob("*/*.pdf"))
        if path.parent.name != "preview"
    }


def differences(
    before: Mapping[str, bytes], after: Mapping[str, bytes], *, pictures: bool = True
) -> Iterator[Difference]:
    """Letters that differ, in the order of their names; equal ones are not mentioned.

    :param pictures: draw the pages that differ as well.
    """
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Difference(name, Change.NEW)
        elif name not in after:
            yield Difference(name, Change.GONE)
        elif before[name] != after[name]:
            old, new = before[name], after[name]
            edits = tuple(_edits(_words(old), _words(new)))
            pages = tuple(marked_differences(old, new, _PICTURE_DPI)) if pictures else ()
            yield Difference(name, Change.CHANGED, edits, pages)


def _words(pdf: bytes) -> list[str]:
    return _WORDS.findall(_HYPHENATION.sub("", " ".join(page_texts(pdf))))


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        yield Edit(
            " ".join(old[max(0, start - _CONTEXT) : start]),
            " ".join(old[start:end]),
            " ".join(new[new_start:new_end]),
            " ".join(old[end : end + _CONTEXT]),
        )


def summary(found: Sequence[Difference], equal: int) -> str:
    """How many letters differ, and how many do not."""
    differ = "differs" if len(found) == 1 else "differ"
    same = "is the same" if equal == 1 else "are the same"
    return f"{counted(len(found), 'letter')} {differ}, {equal} {same}"


def as_html(title: str, found: Sequence[Difference], equal: int) -> str:
    """The differences as a page that stands by itself.

    :param equal: letters that did not change.
    """
    return render_page("difference.html", title=title, found=found, summary=summary(found, equal))
