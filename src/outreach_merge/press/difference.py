"""What changed between two runs: which letters, which words, and where on the page."""

from __future__ import annotations

import base64
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import Path

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


# ------------------------------------------------------------------ as a page

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;color:#111}
h1{font-size:1.5rem} h2{font-size:1.05rem;border-top:1px solid #ccc;padding-top:1rem}
del{background:#f6d5d5} ins{background:#d3ecd3;text-decoration:none} p{margin:.3rem 0}
.pages{display:flex;gap:1rem;margin:.6rem 0} .pages img{width:50%;border:1px solid #bbb}
.quiet{color:#666}
"""


def summary(found: Sequence[Difference], equal: int) -> str:
    """How many letters differ, and how many do not."""
    differ = "differs" if len(found) == 1 else "differ"
    same = "is the same" if equal == 1 else "are the same"
    return f"{counted(len(found), 'letter')} {differ}, {equal} {same}"


def as_html(title: str, found: Sequence[Difference], equal: int) -> str:
    """The differences as a page that stands by itself.

    :param equal: letters that did not change.
    """
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{summary(found, equal)}.</p>",
    ]
    for one in found:
        parts.append(f"<h2>{escape(one.name)}: {one.change.value}</h2>")
        parts += [_edit_html(edit) for edit in one.edits]
        if one.change is Change.CHANGED and not one.edits:
            look = "The words are the same." if one.pages else "Nothing that can be seen."
            parts.append(f'<p class="quiet">{look}</p>')
        parts += [_pages_html(before, after) for before, after in one.pages]
    return "\n".join([*parts, "</body></html>"])


def _edit_html(edit: Edit) -> str:
    old = f"<del>{escape(edit.old)}</del> " if edit.old else ""
    new = f"<ins>{escape(edit.new)}</ins>" if edit.new else ""
    return f'<p dir="auto">… {escape(edit.lead)} {old}{new} {escape(edit.trail)} …</p>'


def _pages_html(before: bytes, after: bytes) -> str:
    pictures = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}" alt="{name}">'
        for picture, name in ((before, "before"), (after, "after"))
    )
    return f'<div class="pages">{pictures}</div>'
