"""Renders a letter's template with the forms of address and names of its language."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from outreach_merge import catalogue
from outreach_merge.compose.environment import make_environment, read_table
from outreach_merge.compose.faults import ComposeError, failure_in_template, template_problem
from outreach_merge.compose.loader import Compiled
from outreach_merge.compose.variables import (
    LetterheadVariables,
    LetterVariables,
    MeetingVariables,
    RecipientVariables,
    ReviewVariables,
    SignatoryVariables,
    StampVariables,
    StateVariables,
    TransmittedVariables,
)
from outreach_merge.definitions import (
    CampaignSettings,
    GrammaticalPerson,
    LetterDefinition,
    LocalizedText,
    Meeting,
)
from outreach_merge.files import sha256
from outreach_merge.model import CalendarEntry, ComposedLetter, PlannedLetter, Problem, Status
from outreach_merge.protocol import Protocol, ProtocolGap

logger = logging.getLogger(__name__)


class Composer:
    """Composes letters of one campaign.

    :param folder: the campaign folder; its ``templates/`` come before the program's layout.
    :param before: an earlier composer, whose compiled templates are reused if unchanged.
    """

    def __init__(
        self,
        folder: Path,
        settings: CampaignSettings,
        letters: Mapping[str, LetterDefinition],
        protocol: Protocol,
        before: Composer | None = None,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._letters = letters
        self.protocol = protocol
        self._terms: dict[str, Mapping[str, Any]] = {}
        self._templates = folder / "templates"
        self._compiled: Compiled = before._compiled if before else Compiled()
        self._environment = make_environment(self._templates, self._compiled)
        self._texts: dict[str, jinja2.Template] = {}

    def compose(self, planned: PlannedLetter, *, draft: bool = False) -> ComposedLetter:
        """The letter as HTML.

        :raises ComposeError: unknown variable, missing template, a rule no language file has.
        """
        letter = self._letters[planned.letter]
        name = f"{letter.template_folder}/{planned.language}.html"
        try:
            context = self._context(planned, letter, draft)
            html = self._environment.get_template(name).render(context)
            title = context["letter"].subject
            calendar = self._calendar(planned, letter.meeting, title) if letter.meeting else None
        except ComposeError:
            raise
        except ProtocolGap as error:
            raise ComposeError(_about(planned, error.problem)) from error
        except UnicodeDecodeError as error:
            problem = catalogue.NOT_UTF8.at(f"templates/{name}", letter=planned.key)
            raise ComposeError(problem) from error
        except jinja2.TemplateError as error:
            problem = template_problem(error, name, self._templates)
            raise ComposeError(_about(planned, problem)) from error
        except Exception as error:  # an expression in a template can raise anything
            logger.debug("a template failed", exc_info=True)
            problem = failure_in_template(error, name, self._templates)
            raise ComposeError(_about(planned, problem)) from error
        enclosures = tuple(context["letter"].enclosures)
        return ComposedLetter(planned, html, title, sha256(html.encode()), calendar, enclosures)

    def template_problems(self, needed: Iterable[tuple[str, str]]) -> Iterator[Problem]:
        """Syntax errors of all templates, and the missing ones.

        :param needed: pairs of letter name and language that have a recipient.
        """
        folder = self._templates
        for path in sorted(folder.rglob("*.html")):
            if path.name.startswith("."):
                continue  # a hidden file of an editor or a file manager
            name = path.relative_to(folder).as_posix()
            try:
                self._environment.get_template(name)
            except jinja2.TemplateError as error:
                yield template_problem(error, name, folder)
            except UnicodeDecodeError:
                yield catalogue.NOT_UTF8.at(f"templates/{name}")
        for letter, language in sorted(set(needed)):
            name = f"{self._letters[letter].template_folder}/{language}.html"
            if not (folder / name).is_file():
                yield catalogue.NO_TEMPLATE_IN_LANGUAGE.at(
                    f"templates/{name}", letter=letter, language=language
                )

    def _context(
        self, planned: PlannedLetter, letter: LetterDefinition, draft: bool
    ) -> dict[str, Any]:
        language, recipient = planned.language, planned.recipient
        rules = self.protocol.language(language)
        dates = self.protocol.dates(language)
        forms = self.protocol.state(recipient.state, language)
        address = self.protocol.address(recipient, language)
        state = StateVariables(
            name=forms.short.name,
            formal=forms.formal,
            gender=forms.short.gender,
            number=forms.short.number,
            status=recipient.status.value,
            signatory=recipient.status is Status.SIGNATORY,
            party=recipient.status is Status.PARTY,
            group=recipient.group,
            region=recipient.region,
            iso3=recipient.state,
            facts=self._facts_of_state(planned),
            forms=forms,
        )
        joint = len(letter.signatories) > 1
        third = letter.person is GrammaticalPerson.THIRD
        context: dict[str, Any] = {
            **self._occasion(planned, letter),
            "language": language,
            "direction": rules.direction,
            "terms": self._glossary(language),
            "campaign": {"title": self._settings.title.get(language)},
            "issues": issues_of(planned, letter),
            "state": state,
            "recipient": RecipientVariables(
                name=address.name,
                style=address.style,
                title=address.title,
                call=address.call,
                salutation="" if third else address.salutation,
                you=address.you,
                close="" if third else address.close_joint if joint else address.close,
                address=address.address,
                body=address.body,
                city=recipient.city,
                gender=recipient.gender.value,
                kind=recipient.kind.value,
                office=recipient.office,
                extra=recipient.extra,
                forms=address,
            ),
            "date": dates.date,
            "date_range": dates.date_range,
            "list_of": dates.list_of,
            "_": rules.messages.gettext,
        }
        context["letter"] = self._letter_variables(planned, letter, context, draft)
        return context

    def _letter_variables(
        self,
        planned: PlannedLetter,
        letter: LetterDefinition,
        context: Mapping[str, Any],
        draft: bool,
    ) -> LetterVariables:
        language = planned.language
        head = self._settings.letterheads[letter.letterhead]
        return LetterVariables(
            name=letter.name,
            reference=planned.reference,
            date=self.protocol.dates(language).date(planned.date),
            created=planned.date.isoformat(),
            place=_text(letter.place, language, "place"),
            subject=self._filled(letter.subject, "subject", planned, context),
            enclosures=[self._enclosure_title(key, planned, context) for key in letter.enclosures],
            signatories=[self._signatory(key, letter, language) for key in letter.signatories],
            signatures_stand=letter.signatures_stand.value,
            stamp=self._stamp(letter.stamp, language) if letter.stamp else None,
            third_person=letter.person is GrammaticalPerson.THIRD,
            letterhead=LetterheadVariables(
                lines=_text(head.lines, language, "letterhead").strip().splitlines(),
                emblem=head.emblem or "",
                emblem_description=_text(head.emblem_description, language, "emblem_description")
                if head.emblem_description
                else "",
            ),
            courtesy=planned.courtesy,
            digital=letter.signature.is_digital and not planned.courtesy,
            draft=draft,
        )

    def _facts_of_state(self, planned: PlannedLetter) -> dict[str, str]:
        joined = planned.details.get("joined_on")
        if not joined:
            return {}
        day = dt.date.fromisoformat(joined)
        return {"joined": self.protocol.dates(planned.language).date(day)}

    def _occasion(self, planned: PlannedLetter, letter: LetterDefinition) -> dict[str, Any]:
        """The variables of the letter it transmits, of its meeting and of its review."""
        found: dict[str, Any] = {}
        if planned.carries is not None:
            found["transmitted"] = self._transmitted(planned.carries, planned.language)
        if letter.meeting is not None:
            found["meeting"] = self._meeting(planned, letter.meeting)
        if letter.review is not None and "review_session" in planned.details:
            name = planned.details["review_session"]
            session = letter.review.sessions[name]
            dates = self.protocol.dates(planned.language)
            found["review"] = ReviewVariables(name, dates.date_range(session.start, session.end))
        return found

    def _transmitted(self, carried: PlannedLetter, language: str) -> TransmittedVariables:
        """Variables of the carried letter, in ``language``."""
        address = self.protocol.address(carried.recipient, language)
        subject = self._letters[carried.letter].subject.get(language) or ""
        return TransmittedVariables(
            reference=carried.reference,
            date=self.protocol.dates(language).date(carried.date),
            addressee=address.addressee,
            subject=subject,
        )

    def _meeting(self, planned: PlannedLetter, meeting: Meeting) -> MeetingVariables:
        language, recipient = planned.language, planned.recipient
        dates = self.protocol.dates(language)
        start = meeting.moment
        end = _later(start, meeting.minutes)
        zone = ZoneInfo(self.protocol.states[recipient.state].capital_time_zone)
        own_word = recipient.extra.get("capital", "")
        rules = self.protocol.language(language)
        return MeetingVariables(
            date=dates.date(start.date()),
            time=dates.time(start),
            end_time=dates.time_beside(end, start),
            local_time=dates.time_beside(start.astimezone(zone), start),
            registration=_text(meeting.registration, language, "meeting.registration"),
            location=_text(meeting.location, language, "meeting.location")
            if meeting.location
            else "",
            forms=lambda: own_word or rules.capital(recipient.state),
        )

    def _calendar(self, planned: PlannedLetter, meeting: Meeting, title: str) -> CalendarEntry:
        variables = self._meeting(planned, meeting)
        return CalendarEntry(
            uid=f"{planned.letter}.{planned.recipient.id}@{self._settings.code}",
            start=meeting.moment,
            end=_later(meeting.moment, meeting.minutes),
            stamp=planned.date,
            language=planned.language,
            summary=title,
            description=f"{planned.reference}\n{variables.registration}",
            location=variables.location,
        )

    def _enclosure_title(self, key: str, planned: PlannedLetter, context: Mapping[str, Any]) -> str:
        """The title in the letter's language, with the document's language if that is another."""
        enclosure, language = self._settings.enclosures[key], context["language"]
        title = self._filled(enclosure.title, f"enclosures.{key}.title", planned, context)
        file = self._settings.enclosure_file(key, language)
        found = file[0] if file else language
        if found == language:
            return title
        return self.protocol.language(language).in_language(title, found)

    def _stamp(self, key: str, language: str) -> StampVariables:
        stamp = self._settings.stamps[key]
        return StampVariables(
            stamp.image,
            _text(stamp.description, language, f"stamps.{key}.description"),
            stamp.height_mm,
        )

    def _filled(
        self, text: LocalizedText, key: str, planned: PlannedLetter, context: Mapping[str, Any]
    ) -> str:
        """A text of a definition with its variables filled in."""
        source = _text(text, context["language"], key)
        if "{" not in source:
            return source
        try:
            if source not in self._texts:
                self._texts[source] = self._environment.from_string(source)
            return self._texts[source].render(context)
        except jinja2.TemplateError as error:
            enclosed = key.startswith("enclosures.")
            file = "campaign.toml" if enclosed else f"letters/{planned.letter}.toml"
            problem = template_problem(error, "", self._templates)
            raise ComposeError(replace(problem, file=file, row=None, column=key)) from error

    def _signatory(self, key: str, letter: LetterDefinition, language: str) -> SignatoryVariables:
        signatory = self._settings.signatories[key]
        return SignatoryVariables(
            name=_text(signatory.name, language, f"signatories.{key}.name"),
            office=_text(signatory.office, language, f"signatories.{key}.office"),
            image=(signatory.image or "") if letter.signature.draws_image else "",
            image_height_mm=signatory.image_height_mm,
            key=key,
        )

    def _glossary(self, language: str) -> Mapping[str, Any]:
        if language not in self._terms:
            self._terms[language] = read_table(self._templates, f"glossary/{language}.toml")
        return self._terms[language]


def _later(moment: dt.datetime, minutes: int) -> dt.datetime:
    """``minutes`` of elapsed time later, across changes of daylight saving time."""
    return (moment.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(moment.tzinfo)


def issues_of(planned: PlannedLetter, letter: LetterDefinition) -> tuple[str, ...]:
    """The issues of the state, if letters to its group take them up; else none."""
    if "issues" in planned.details:
        return tuple(planned.details["issues"])
    recipient = planned.recipient
    return recipient.issues if recipient.group in letter.issues_for_groups else ()


def _text(text: LocalizedText, language: str, key: str) -> str:
    found = text.get(language)
    if found is None:
        missing = catalogue.MISSING_TRANSLATION
        raise ProtocolGap(missing.at(column=f"{key}.{language}", key=key, language=language))
    return found


def _about(planned: PlannedLetter, problem: Problem) -> Problem:
    return replace(problem, letter=planned.key)
