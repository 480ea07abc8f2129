"""The outreach update: numbered paragraphs in one language, every number computed.

Its text is a template in Markdown, ``templates/report/<language>.md`` of the campaign or the
program's own; a paragraph that begins with ``#.`` is numbered.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from outreach_merge import catalogue
from outreach_merge.campaign import Campaign
from outreach_merge.compose import ComposeError, Documents
from outreach_merge.protocol import PluralRules, ProtocolGap
from outreach_merge.report.figures import Figures

WORDS_FILE = "report.toml"
_NUMBERED = re.compile(r"^#\. ", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class OutreachUpdate:
    """The update in one language.

    :param markdown: the text, paragraphs numbered.
    :param numbers: every number its text states, in the order of the text, words for numbers
        among them.
    """

    language: str
    title: str
    markdown: str
    numbers: tuple[int, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The numbered paragraphs without their numbers."""
        found = re.findall(r"^\d+\. +(.+)$", self.markdown, re.MULTILINE)
        return tuple(found)


class Wording:
    """How one language words a campaign's report: names of what is counted, lists, numbers.

    :raises UsageError: through :meth:`Protocol.language`, when there is no such language.
    """

    def __init__(self, campaign: Campaign, language: str, documents: Documents) -> None:
        self.language = language
        self.rules = campaign.protocol.language(language)
        self.dates = campaign.protocol.dates(language)
        self.plurals = PluralRules(self.rules)
        self._protocol = campaign.protocol
        self._letters = campaign.letters
        self._words = self.rules.toml(WORDS_FILE)
        self._own = documents.table(f"report/{language}.toml")

    @property
    def direction(self) -> str:
        return self.rules.direction

    def word(self, table: str, key: str, **values: str) -> str:
        """A word of the language's ``report.toml``.

        :raises ProtocolGap: the file does not have it.
        """
        try:
            text = str(self._words[table][key] if table else self._words[key])
        except KeyError:
            place = (self.rules.folder / WORDS_FILE, None, f"{table}.{key}")
            raise ProtocolGap(catalogue.NO_WORD.at(*place, table=table, key=key)) from None
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def value(self, dimension: str, key: str) -> str:
        """The name of a value letters are counted by: a region, a channel, a group."""
        if key in ("undisclosed", "unknown"):
            return self.word("rows", key)
        if dimension == "group":
            return str(self._own.get("groups", {}).get(key, key))
        table = {"status": "statuses"}.get(dimension, f"{dimension}s")
        known = self._words.get(table, {})
        return str(known.get(key, key))

    def letter(self, name: str) -> str:
        """The letter's title: the campaign's in this language, else that of its definition."""
        own = self._own.get("letters", {}).get(name)
        return str(own or (self._letters[name].title if name in self._letters else name))

    def issue(self, code: str) -> str:
        """The issue in words, where the campaign has them in this language; else its code."""
        return str(self._own.get("issues", {}).get(code, code))

    def meeting(self, letter: str) -> str:
        return str(self._own.get("meetings", {}).get(letter) or self.letter(letter))

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``; where the language has a mark for lists, ``a、b、c``."""
        mark = self._words.get("list_separator")
        return str(mark).join(items) if mark else self.dates.list_of(items)

    def states(self, codes: Iterable[str], form: str = "the") -> list[str]:
        """Names of states in the language's order.

        :param form: one of the language's ``[state_forms]``.
        """
        ordered = sorted(codes, key=self._sort_key)
        return [str(getattr(self._protocol.state(code, self.language), form)) for code in ordered]

    def _sort_key(self, code: str) -> str:
        """The name without accents and without an article in front."""
        language = str(self._words.get("state_order", self.language))
        name = self._protocol.state(code, language).short.name
        for article in self._words.get("sort_ignores", ()):
            name = name.removeprefix(str(article))
        plain = unicodedata.normalize("NFKD", name)
        return "".join(c for c in plain if not unicodedata.combining(c)).casefold()

    def counted(self, items: Iterable[tuple[str, int]]) -> list[str]:
        """``Africa (13)``."""
        return [
            self.word("", "item_count", item=item, n=self.plurals.number(count))
            for item, count in items
        ]


def write_update(
    campaign: Campaign, figures: Figures, wording: Wording, documents: Documents
) -> OutreachUpdate:
    """The outreach update in one language.

    :raises ComposeError: the template is missing or mistaken.
    """
    name = f"report/{wording.language}.md"
    numbers: list[int] = []
    try:
        context = _context(campaign, figures, wording, documents, numbers)
        text = documents.render(name, context)
    except ProtocolGap as error:
        file = error.problem.file or f"templates/{name}"
        raise ComposeError(replace(error.problem, file=file)) from error
    return OutreachUpdate(wording.language, _title(text), _tidy(text), tuple(numbers))


def _tidy(text: str) -> str:
    """Paragraphs numbered one after another, one blank line between any two."""
    number = 0

    def count(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{number}. "

    lines = "\n".join(line.rstrip(" ") for line in text.replace("&nbsp;", "\u00a0").splitlines())
    return _BLANK_LINES.sub("\n\n", _NUMBERED.sub(count, lines)).strip() + "\n"


def _title(text: str) -> str:
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return heading[1].strip().replace("&nbsp;", "\u00a0") if heading else ""


def _context(
    campaign: Campaign,
    figures: Figures,
    wording: Wording,
    documents: Documents,
    numbers: list[int],
) -> Mapping[str, Any]:
    """What a template may name; ``docs/report.md`` lists it."""
    language = wording.language

    def count(value: int, **forms: str) -> str:
        numbers.append(value)
        return wording.plurals.count(value, forms)

    def number(value: int) -> str:
        numbers.append(value)
        return wording.plurals.number(value)

    def year(value: int) -> str:
        numbers.append(value)
        return str(value)

    def regions(counts: Mapping[str, int]) -> str:
        numbers.extend(counts.values())
        named = [(wording.value("region", region), n) for region, n in counts.items()]
        return wording.listed(wording.counted(named))

    def region_in(names: Iterable[str]) -> str:
        return wording.listed([wording.word("regions_in", name) for name in names])

    def issues() -> str:
        raised = [issue for issue in figures.issues if issue.states_raising]
        numbers.extend(issue.states_raising for issue in raised)
        return wording.listed(
            wording.counted((wording.issue(i.issue), i.states_raising) for i in raised)
        )

    def titles() -> str:
        numbers.extend(letter.total for letter in figures.letters.values())
        return wording.listed(
            wording.counted(
                (wording.letter(name), letter.total) for name, letter in figures.letters.items()
            )
        )

    def day(value: dt.date) -> str:
        return wording.dates.date(value)

    helpers: Mapping[str, Callable[..., str]] = {
        "count": count,
        "number": number,
        "year": year,
        "regions": regions,
        "region_in": region_in,
        "issues_raised": issues,
        "letters_by_title": titles,
        "states": lambda codes, form="the": wording.listed(wording.states(codes, form)),
        "list_of": wording.dates.list_of,
        "date": day,
    }
    return {
        **helpers,
        "language": language,
        "as_of": day(figures.as_of),
        "campaign": {"title": campaign.settings.title.get(language) or campaign.settings.code},
        "terms": documents.table(f"glossary/{language}.toml"),
        "letters": figures.letters,
        "all_letters": figures.all_letters,
        "meetings": figures.meetings,
        "invited": figures.invited,
        "floor": figures.floor,
        "issues": figures.issues,
        "engagements": figures.engagements,
        "replies": figures.replies,
        "treaty": figures.treaty,
    }
