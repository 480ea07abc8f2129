"""Renders planned letters: composes each, sets it, and adds what goes into its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from outreach_merge import catalogue
from outreach_merge.compose import ComposeError, Composer
from outreach_merge.definitions import CampaignSettings, EnclosureForm, LetterDefinition
from outreach_merge.files import sha256
from outreach_merge.font_subsets import FontSubsets
from outreach_merge.model import ComposedLetter, PlannedLetter, Problem, Severity, TypesetLetter
from outreach_merge.preflight import inspect
from outreach_merge.press.letter_metadata import FILE_NAME, letter_metadata
from outreach_merge.press.preflight_expectations import expectations
from outreach_merge.protocol import Protocol

if TYPE_CHECKING:
    # These rooms load engines that most letters, and a preview, do without.
    from outreach_merge.enclose import Document
    from outreach_merge.typeset import TypesetResult, Typesetter


@dataclass(frozen=True, slots=True)
class RendererConfig:
    """What a renderer needs; small, since it travels to every worker.

    :param page_inputs: digest of what every page shows beyond its HTML (``Dependencies.page``).
    :param with_enclosures: the enclosures go into the letters' files.
    :param fonts: large fonts cut to the campaign's characters.
    :param plain: letters are set without caches.
    """

    folder: Path
    settings: CampaignSettings
    letters: Mapping[str, LetterDefinition]
    page_inputs: str = ""
    with_enclosures: bool = False
    fonts: FontSubsets | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One letter to render.

    :param known: page digest of the file that stands in the output folder: where the composed
        letter has the same, nothing is set again.
    :param keep: hand the letter out whatever is wrong with it, to be looked at.
    """

    number: int
    planned: PlannedLetter
    known: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What came of a job: a PDF, or ``None`` with problems, or ``None`` when nothing changed.

    :param digest: the page digest.
    :param failure: what the machine failed at, in words; empty for nothing.
    :param calendar: the calendar file that stands beside the letter, also when nothing changed.
    """

    number: int
    digest: str = ""
    typeset: TypesetLetter | None = None
    calendar: bytes = b""
    problems: tuple[Problem, ...] = ()
    failure: str = ""


class LetterRenderer:
    """Renders the letters of one campaign; what is loaded once serves them all.

    :param typesetter: one to go on with; by default a new one.
    :param composer: one to go on with; by default a new one.
    """

    def __init__(
        self,
        config: RendererConfig,
        typesetter: Typesetter | None = None,
        composer: Composer | None = None,
    ) -> None:
        from outreach_merge.typeset import Typesetter

        self._config = config
        self._letters = config.letters
        self._files: dict[str, bytes] = {}
        self._composer = composer or Composer(
            config.folder, config.settings, config.letters, Protocol.load(config.folder)
        )
        self._protocol = self._composer.protocol
        self._typesetter = typesetter or Typesetter(
            config.folder, config.settings, config.fonts, plain=config.plain
        )

    def typeset(self, composed: ComposedLetter) -> TypesetLetter:
        """The letter as PDF with all findings."""
        return self._set(composed).letter

    def _set(self, composed: ComposedLetter) -> TypesetResult:
        """The letter as PDF with what a machine reads of it, and all findings."""
        from outreach_merge.typeset import Attached

        planned = composed.planned
        letter = self._letters[planned.letter]
        data = letter_metadata(composed, letter, self._config.settings).as_json()
        file = Attached(FILE_NAME, data, letter.title, planned.date)
        done = self._typesetter.typeset(composed, [file])
        expected = expectations(planned, letter, self._config.settings, self._protocol)
        findings = inspect(composed, done.sheets, expected)
        return replace(done, letter=done.letter.with_findings(findings))

    def draft(self, planned: PlannedLetter) -> TypesetLetter:
        """The letter marked as a draft, with the translation that follows in the same file.

        :raises ComposeError: when the letter cannot be composed.
        """
        composed = [self._composer.compose(part, draft=True) for part in planned.parts]
        typeset = [self.typeset(part) for part in composed]
        return self._together(typeset, composed) if len(typeset) > 1 else typeset[0]

    def make(self, job: RenderJob) -> RenderResult:
        """Compose and set one letter; never raises for what is wrong with the letter."""
        try:
            composed = [self._composer.compose(part) for part in job.planned.parts]
            enclosed = self._enclosed(composed[0])
        except ComposeError as error:
            return RenderResult(job.number, problems=(error.problem,))
        calendar = _calendar(composed[0])
        digest = self._page_digest(composed, enclosed, calendar)
        if digest == job.known:
            return RenderResult(job.number, digest=digest, calendar=calendar)
        done = [self._set(part) for part in composed]
        typeset = [part.letter for part in done]
        findings = tuple(finding for part in typeset for finding in part.findings)
        if not job.keep and any(finding.severity is Severity.ERROR for finding in findings):
            return RenderResult(job.number, problems=findings)
        from outreach_merge.press.signature_fields import with_signature_fields

        letter = self._together(typeset, composed) if len(typeset) > 1 else typeset[0]
        if enclosed:
            letter = self._enclose(letter, enclosed)
        letter = with_signature_fields(
            letter,
            done[0].sheets.pages,
            self._letters[job.planned.letter],
            self._config.settings,
            self._protocol,
        )
        return RenderResult(job.number, digest=digest, typeset=letter, calendar=calendar)

    def _page_digest(
        self, composed: Sequence[ComposedLetter], enclosed: Sequence[Document], calendar: bytes
    ) -> str:
        """The page digest: SHA-256, hexadecimal, of what the letter's files show or hold.

        That is the composed letter and what follows it, what every page shows beyond its HTML,
        the enclosures and the calendar file.
        """
        parts = [self._config.page_inputs, *(part.digest for part in composed)]
        parts += [f"{document.title} {sha256(document.pdf)}" for document in enclosed]
        return sha256("\n".join([*parts, sha256(calendar)]).encode())

    def _together(
        self, typeset: Sequence[TypesetLetter], composed: Sequence[ComposedLetter]
    ) -> TypesetLetter:
        """The letter, and on further pages of its file what follows it."""
        first, *rest = typeset
        from outreach_merge.enclose import Document, append

        following = [
            Document(text.title, part.planned.file_name, part.planned.language, part.pdf)
            for part, text in zip(rest, composed[1:], strict=True)
        ]
        findings = tuple(finding for part in typeset for finding in part.findings)
        return replace(_with_pdf(first, append(first.pdf, following)), findings=findings)

    def _enclosed(self, composed: ComposedLetter) -> list[Document]:
        """What goes into the letter's file with it.

        :raises ComposeError: an enclosure that has no file this recipient could be sent.
        """
        planned = composed.planned
        if not self._config.with_enclosures or planned.courtesy:
            return []
        from outreach_merge.enclose import Document

        documents = []
        keys = self._letters[planned.letter].enclosures
        for key, title in zip(keys, composed.enclosures, strict=True):
            file = self._config.settings.enclosure_file(key, planned.language)
            if file is None:
                raise ComposeError(missing_enclosure(key, planned))
            language, path = file
            if path not in self._files:
                self._files[path] = (self._config.folder / path).read_bytes()
            documents.append(Document(title, f"{key}-{language}.pdf", language, self._files[path]))
        return documents

    def _enclose(self, letter: TypesetLetter, enclosed: list[Document]) -> TypesetLetter:
        from outreach_merge.enclose import append, attach

        form = self._letters[letter.planned.letter].enclosures_travel
        if form is EnclosureForm.PAGES:
            return _with_pdf(letter, append(letter.pdf, enclosed))
        return _with_pdf(letter, attach(letter.pdf, enclosed, letter.planned.date))


def _with_pdf(letter: TypesetLetter, pdf: bytes) -> TypesetLetter:
    from outreach_merge.enclose import page_count

    return replace(letter, pdf=pdf, pages=page_count(pdf), digest=sha256(pdf))


def _calendar(composed: ComposedLetter) -> bytes:
    """The calendar file that stands beside the letter; empty for none."""
    if not composed.calendar:
        return b""
    from outreach_merge.calendar_file import calendar_file

    return calendar_file(composed.calendar)


def missing_enclosure(key: str, planned: PlannedLetter) -> Problem:
    """The problem of an enclosure that has no file for a letter's language or a fallback."""
    place = ("campaign.toml", None, f"enclosures.{key}.files")
    kind = catalogue.NO_ENCLOSURE_IN_LANGUAGE
    return kind.at(*place, letter=planned.key, key=key, language=planned.language)
