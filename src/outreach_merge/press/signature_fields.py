"""Puts the empty signature fields of a digitally signed letter where the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outreach_merge.definitions import CampaignSettings, LetterDefinition
from outreach_merge.files import sha256
from outreach_merge.model import TypesetLetter
from outreach_merge.page_geometry import PageGeometry
from outreach_merge.protocol import Protocol
from outreach_merge.sign.fields import SignatureField, prepare_fields


def with_signature_fields(
    typeset: TypesetLetter,
    sheets: Sequence[PageGeometry],
    letter: LetterDefinition,
    settings: CampaignSettings,
    protocol: Protocol,
) -> TypesetLetter:
    """The letter with a field for each signatory, in their order; one in ink as it is.

    A signatory whose place the page does not mark gets a field that is nowhere to be seen.
    """
    planned = typeset.planned
    if planned.courtesy or not letter.signature.is_digital:
        return typeset
    tooltip = protocol.language(planned.language).messages.gettext("Signature of {name}")
    places = dict(_places(sheets))
    fields = []
    for key in letter.signatories:
        name = settings.signatories[key].name.get(planned.language) or key
        page, rect = places.get(key, (-1, None))
        fields.append(SignatureField(key, tooltip.format(name=name), page, rect, planned.language))
    pdf = prepare_fields(typeset.pdf, fields)
    return replace(typeset, pdf=pdf, digest=sha256(pdf))


_Place = tuple[int, tuple[float, float, float, float]]


def _places(sheets: Sequence[PageGeometry]) -> list[tuple[str, _Place]]:
    """By signatory: page and rectangle; sheets are measured from the top, a PDF from below."""
    return [
        (
            place.signatory,
            (
                number,
                (
                    place.area.left,
                    sheet.height - place.area.bottom,
                    place.area.right,
                    sheet.height - place.area.top,
                ),
            ),
        )
        for number, sheet in enumerate(sheets, start=1)
        for place in sheet.places
    ]
