"""What the preflight is to expect of a planned letter."""

from __future__ import annotations

from functools import lru_cache

from outreach_merge.definitions import CampaignSettings, LetterDefinition, Page
from outreach_merge.model import PlannedLetter
from outreach_merge.page_geometry import Rectangle
from outreach_merge.preflight import Expectations
from outreach_merge.protocol import Language, Protocol, StateForms

_POINTS_PER_MM = 72 / 25.4
#: The language in which the layout's short strings are written.
_LAYOUT_LANGUAGE = "en"


def expectations(
    planned: PlannedLetter, letter: LetterDefinition, settings: CampaignSettings, protocol: Protocol
) -> Expectations:
    """What the letter must show, whatever its template says."""
    language = protocol.language(planned.language)
    address = protocol.address(planned.recipient, planned.language)
    return Expectations(
        language=planned.language,
        direction=language.direction,
        script=str(language.settings["script"]),
        pages=letter.pages,
        names=(address.name,) if address.name else (),
        state_forms=_forms(protocol.state(planned.recipient.state, planned.language)),
        untranslated=_untranslated(language, protocol.language(_LAYOUT_LANGUAGE)),
        window=_window(settings.page),
    )


def _forms(state: StateForms) -> frozenset[str]:
    names = (state.short, state.formal)
    return frozenset(form for name in names for form in (name.name, *name.forms.values()) if form)


@lru_cache(maxsize=32)
def _untranslated(language: Language, layout: Language) -> frozenset[str]:
    """Strings of the layout that the language leaves in English."""
    if language.code == layout.code:
        return frozenset()
    return frozenset(
        text for text in layout.short_strings if language.messages.gettext(text) == text
    )


def _window(page: Page) -> Rectangle | None:
    if page.window.area_mm is None:
        return None
    left, top, width, height = (side * _POINTS_PER_MM for side in page.window.area_mm)
    return Rectangle(left, top, left + width, top + height)
