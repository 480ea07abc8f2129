"""What a planned letter must contain when it is typeset."""

from __future__ import annotations

from dataclasses import dataclass

from outreach_merge.page_geometry import Rectangle


@dataclass(frozen=True, slots=True)
class Expectations:
    """The expected language, length, names and place of the address.

    :param language: code of the letter's language.
    :param direction: of the language: ``ltr`` or ``rtl``.
    :param script: of the language, ISO 15924: ``Latn``, ``Cyrl``, ``Arab``, ``Hans``.
    :param pages: as many as the letter may have, annex not counted.
    :param names: of the addressee, as the letter writes them; each must be in the text.
    :param state_forms: names of the state in all forms; one of them must be in the text.
    :param untranslated: short strings of the layout that the language does not translate.
    :param window: where the envelope shows the address; ``None``: no window.
    """

    language: str
    direction: str
    script: str
    pages: int
    names: tuple[str, ...] = ()
    state_forms: frozenset[str] = frozenset()
    untranslated: frozenset[str] = frozenset()
    window: Rectangle | None = None
