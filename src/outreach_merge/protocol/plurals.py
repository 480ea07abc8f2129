"""Words that depend on a number: ``1 письмо, 2 письма, 5 писем``.

Which form a number takes is CLDR's rule for the language (Unicode Technical Standard 35, "Language
Plural Rules"), by Babel; the forms themselves are written by linguists.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from babel.numbers import format_decimal

from outreach_merge import catalogue
from outreach_merge.protocol.language import Language, ProtocolGap

#: Numbers that between them need every form a language has for whole numbers below a million.
_SAMPLE = (*range(200), 1000)
_ORDER = ("zero", "one", "two", "few", "many", "other")
_EXACTLY = "exactly_"
_NO_BREAK = "\u00a0"


class PluralRules:
    """How one language counts."""

    def __init__(self, language: Language) -> None:
        self._language = language

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The forms whole numbers need: ``("one", "few", "many")`` in Russian."""
        rule = self._language.locale.plural_form
        found = {rule(number) for number in _SAMPLE}
        return tuple(category for category in _ORDER if category in found)

    def number(self, value: int) -> str:
        """The number in Western digits with the language's separators: ``1,250``, ``1 250``."""
        return format_decimal(value, locale=self._language.locale, numbering_system="latn")

    def count(self, value: int, forms: Mapping[str, str]) -> str:
        """The form that ``value`` takes, ``{n}`` in it replaced by the number.

        A line does not break between the number and the word after it.

        :param forms: category of CLDR -> text; ``exactly_1`` -> text for that number alone,
            where a language writes it without the digit.
        :raises ProtocolGap: a category that the language needs is missing.
        """
        missing = [category for category in self.categories if category not in forms]
        if missing:
            raise ProtocolGap(
                catalogue.MISSING_PLURAL.at(
                    language=self._language.english_name,
                    needed=", ".join(self.categories),
                    missing=", ".join(missing),
                    given=", ".join(forms.values()),
                )
            )
        exact = forms.get(f"{_EXACTLY}{value}")
        form = exact or forms[self._language.locale.plural_form(value)]
        number = self.number(value)
        return form.replace("{n} ", f"{number}{_NO_BREAK}").replace("{n}", number)
