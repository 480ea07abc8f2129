"""The codes of the preflight with meaning, remedy and severity."""

from __future__ import annotations

from dataclasses import dataclass

from outreach_merge.model import Problem, Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding."""

    meaning: str
    remedy: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault found in a letter.

    :param where: the place, for messages: ``page 2``, ``the address``.
    :param column: the recipient's column that causes it; empty: the template does.
    """

    code: str
    message: str
    where: str = ""
    column: str = ""

    def problem(self, letter: str) -> Problem:
        """The finding as a problem.

        :param letter: ``<letter>/<recipient id>``.
        """
        kind = CODES[self.code]
        return Problem(
            code=self.code,
            message=f"{self.where}: {self.message}" if self.where else self.message,
            remedy=kind.remedy,
            severity=kind.severity,
            column=self.column,
            letter=letter,
        )


CODES: dict[str, Code] = {
    "missing-glyph": Code(
        "no named font has a character",
        "Name a font that has the character, or correct the text.",
        _ERROR,
    ),
    "font-substituted": Code(
        "text is set in a font that nobody named",
        "Install the font, or name another in [page.variables].",
        _ERROR,
    ),
    "off-page": Code(
        "text leaves the page",
        "Shorten the line, or allow a break in it.",
        _ERROR,
    ),
    "text-overlap": Code(
        "two texts stand on each other",
        "Give them room in templates/letter.css, or shorten one.",
        _ERROR,
    ),
    "address-outside-window": Code(
        "the address does not show in the window of the envelope",
        "Shorten the address, or choose another window.",
        _ERROR,
    ),
    "too-many-pages": Code(
        "more pages than the letter allows",
        "Shorten it, or raise pages in its definition.",
        _ERROR,
    ),
    "signature-alone": Code(
        "the signature stands on a page without two lines of text",
        "Shorten or lengthen the text by a few lines.",
        _ERROR,
    ),
    "signature-split": Code(
        "the signatures are torn apart by a page break",
        "Shorten or lengthen the text by a few lines.",
        _ERROR,
    ),
    "wrong-direction": Code(
        "text runs in the other direction than its script",
        'Set dir="rtl" or dir="ltr" where the text begins.',
        _ERROR,
    ),
    "leftover-marker": Code(
        "a marker of the template, or of its author, was left in the text",
        "Fill it in or take it out.",
        _ERROR,
    ),
    "name-missing": Code(
        "the addressee's name is not in the text",
        "Let the template print recipient.name or the address.",
        _ERROR,
    ),
    "state-missing": Code(
        "the state's name is not in the text",
        "Let the template print state.name or one of its forms.",
        _WARNING,
    ),
    "untranslated": Code(
        "text in another language than the letter's",
        "Translate it, or mark it with a lang of its own.",
        _WARNING,
    ),
    "doubled-space": Code("two spaces, one after the other", "Take one out.", _WARNING),
    "doubled-punctuation": Code("a mark of punctuation twice", "Take one out.", _WARNING),
    "empty-paragraph": Code("a paragraph without text", "Take it out.", _WARNING),
    "coarse-picture": Code(
        "a picture has under 300 dots an inch in print",
        "Use a drawing (SVG) or a larger picture.",
        _WARNING,
    ),
    "picture-undescribed": Code(
        "a picture has no description for readers who cannot see it",
        'Describe it in alt, or write alt="" for an ornament.',
        _ERROR,
    ),
    "not-pdf-a": Code(
        "a validator finds that the file is not PDF/A-3a or not PDF/UA-1",
        "See which rule it names; templates with markup of their own are the usual cause.",
        _ERROR,
    ),
    "damaged-file": Code("a validator finds the file damaged", "Make the letter again.", _ERROR),
}
