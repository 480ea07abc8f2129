"""The preflight's findings as one HTML page, with a picture of each page that is concerned."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from outreach_merge.model import Problem, Severity
from outreach_merge.wording import counted

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;color:#111}
h1{font-size:1.5rem} h2{font-size:1.05rem;margin:0 0 .3rem}
section{display:flex;gap:1.5rem;border-top:1px solid #ccc;padding:1rem 0}
img{width:14rem;border:1px solid #bbb;align-self:flex-start}
ul{margin:0;padding-left:1.2rem} li{margin-bottom:.5rem}
.error b{color:#a01818} .warning b{color:#8a5a00}
.remedy,.place{color:#555} .place{display:block;font-size:.85em}
"""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A letter in which something was found.

    :param picture: PNG of the page concerned; empty where there is none.
    """

    letter: str
    state: str
    language: str
    problems: Sequence[Problem]
    picture: bytes = b""


def report(title: str, inspected: Sequence[Inspected], letters: int, judges: Sequence[str]) -> str:
    """A page that stands by itself.

    :param letters: how many were looked at.
    :param judges: names of the validators that were asked.
    """
    errors = sum(p.severity is Severity.ERROR for one in inspected for p in one.problems)
    warnings = sum(len(one.problems) for one in inspected) - errors
    asked = ", ".join(judges) or "none is installed"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">'
            f"<title>Preflight: {escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>Preflight: {escape(title)}</h1>",
            f"<p>{counted(letters, 'letter')}, {counted(errors, 'error')}, "
            f"{counted(warnings, 'warning')}. "
            f"Validators: {escape(asked)}.</p>",
            *map(_section, inspected),
            "</body></html>",
        ]
    )


def _section(one: Inspected) -> str:
    picture = base64.b64encode(one.picture).decode("ascii")
    image = f'<img src="data:image/png;base64,{picture}" alt="">' if picture else ""
    return (
        f"<section>{image}<div><h2>{escape(one.state)} · {escape(one.letter)} · "
        f"{escape(one.language)}</h2><ul>{''.join(map(_item, one.problems))}</ul></div></section>"
    )


def _item(problem: Problem) -> str:
    return (
        f'<li class="{problem.severity.value}"><b>{escape(problem.code)}</b> '
        f'{escape(problem.message)} <span class="remedy">{escape(problem.remedy)}</span> '
        f'<span class="place">{escape(problem.where)}</span></li>'
    )
