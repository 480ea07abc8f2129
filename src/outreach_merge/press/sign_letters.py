"""Has generated letters signed, and enters who signed them in the register.

Keys are opened here, in the main process, once for the run; workers never see them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cryptography import x509

from outreach_merge import catalogue
from outreach_merge.campaign import Campaign
from outreach_merge.errors import SigningError
from outreach_merge.files import sha256, write_atomically
from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.press.signing_queue import FullySigned, NotSignable, ReadyToSign, SigningQueue
from outreach_merge.register import EventKind, NewEvent, Register
from outreach_merge.sign.certificates import read_certificates
from outreach_merge.sign.keys import key_source
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases
from outreach_merge.sign.signing import LetterSigner, LongTerm, SignedPdf
from outreach_merge.sign.signing_errors import TimestampUnavailable
from outreach_merge.sign.timestamps import TimestampServer

#: Letters entered in one transaction.
_BATCH = 25


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody signed the letter in this run.

    :param by: the signatories who did.
    :param missing: those who have yet to sign, in their order; empty: the letter is complete.
    :param shortfalls: why a signature is not for the long term, where that was asked for.
    """

    planned: PlannedLetter
    path: Path
    by: tuple[str, ...]
    missing: tuple[str, ...]
    shortfalls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next to sign has no key here."""

    planned: PlannedLetter
    path: Path
    missing: tuple[str, ...]


SigningOutcome = Signed | FullySigned | Waiting | NotSignable


class Signing:
    """Has letters of one campaign signed.

    :param by: who is entered in the register as having run the command.
    :param passphrases: where the pass phrases of the keys come from.
    """

    def __init__(
        self,
        campaign: Campaign,
        by: str,
        clock: Callable[[], dt.datetime],
        passphrases: Passphrases,
    ) -> None:
        self._campaign = campaign
        self._settings = campaign.settings.signing
        self._by = by
        self._clock = clock
        self._passphrases = passphrases

    def sign(
        self, planned: Iterable[PlannedLetter], signatories: Collection[str] = ()
    ) -> Iterator[SigningOutcome]:
        """Sign what can be signed with the keys there are, and yield what became of each letter.

        Letters that are not signed digitally, and courtesy translations, are passed over.

        :param signatories: only they sign now; empty: all who have a key here.
        :raises SigningError: a key cannot be opened; nothing was signed.
        :raises RegisterError: the register cannot be opened.
        """
        with (
            Register.open(
                self._campaign.register_url,
                self._campaign.settings.code,
                self._clock,
                create=False,
            ) as register,
            ExitStack() as keys,
        ):
            cases: list[ReadyToSign] = []
            signables = SigningQueue(self._campaign, self._clock, lambda: self.trust)
            for outcome in signables.among(planned, register.letters()):
                if isinstance(outcome, ReadyToSign):
                    cases.append(outcome)
                else:
                    yield outcome
            signers = {
                name: keys.enter_context(self._signer(name))
                for name in self._who_signs(cases, signatories)
            }
            yield from self._sign(cases, signers, register)

    @cached_property
    def trust(self) -> tuple[x509.Certificate, ...]:
        """Certificates of the authorities the campaign trusts.

        :raises KeyNotUsable: a file of them cannot be read.
        """
        return tuple(
            certificate
            for name in self._settings.trust
            for certificate in read_certificates(self._campaign.folder / name)
        )

    # --- keys --------------------------------------------------------------------------------

    def _who_signs(self, cases: Sequence[ReadyToSign], wanted: Collection[str]) -> list[str]:
        """Those whose keys are needed, so that nobody is asked for a pass phrase in vain."""
        turns = dict.fromkeys(
            name
            for case in cases
            for name in _in_turn(case.missing, lambda name: self._has_key(name, wanted))
        )
        return list(turns)

    def _has_key(self, name: str, wanted: Collection[str]) -> bool:
        return name in self._settings.keys and (not wanted or name in wanted)

    def _signer(self, name: str) -> LetterSigner:
        settings = self._settings
        entry = settings.keys[name]
        source = key_source(
            entry.key,
            folder=self._campaign.folder,
            certificate=Path(entry.certificate) if entry.certificate else None,
        )
        timestamp = (
            TimestampServer(settings.timestamp_url, settings.timestamp_timeout)
            if settings.timestamp_url
            else None
        )
        return LetterSigner(
            open_key(source, name, self._passphrases, now=self._clock()),
            timestamp=timestamp,
            long_term=LongTerm(roots=self.trust) if settings.long_term and timestamp else None,
            clock=self._clock,
        )

    # --- signing -----------------------------------------------------------------------------

    def _sign(
        self, cases: Sequence[ReadyToSign], signers: dict[str, LetterSigner], register: Register
    ) -> Iterator[SigningOutcome]:
        unentered: list[tuple[SigningOutcome, list[NewEvent]]] = []
        server_fails: Problem | None = None
        try:
            for case in cases:
                if server_fails is not None and _in_turn(case.missing, signers.__contains__):
                    yield NotSignable(case.planned, replace(server_fails, letter=case.planned.key))
                    continue
                try:
                    outcome, events = self._sign_one(case, signers)
                except TimestampUnavailable as error:
                    # The others would only wait for it as long.
                    server_fails = _problem(case.planned, error)
                    yield NotSignable(case.planned, server_fails)
                    continue
                except SigningError as error:
                    yield NotSignable(case.planned, _problem(case.planned, error))
                    continue
                if not events:
                    yield outcome
                    continue
                unentered.append((outcome, events))
                if len(unentered) >= _BATCH:
                    yield from _enter(register, unentered)
        finally:
            entered = list(_enter(register, unentered))
        yield from entered

    def _sign_one(
        self, case: ReadyToSign, signers: dict[str, LetterSigner]
    ) -> tuple[SigningOutcome, list[NewEvent]]:
        language = case.planned.language
        place = self._campaign.letters[case.planned.letter].place.get(language) or ""
        pdf = case.path.read_bytes()
        signed: list[SignedPdf] = []
        for name in _in_turn(case.missing, signers.__contains__):
            signatory = self._campaign.settings.signatories[name]
            signed.append(
                signers[name].sign(
                    pdf,
                    name=signatory.name.get(language) or "",
                    reason=case.planned.reference,
                    location=place,
                )
            )
            pdf = signed[-1].pdf
        if signed:
            write_atomically(case.path, pdf)
        missing = case.missing[len(signed) :]
        by = (*(one.signatory for one in case.found), *(one.signatory for one in signed))
        if not by:
            return Waiting(case.planned, case.path, missing), []
        shortfalls = tuple(dict.fromkeys(one.shortfall for one in signed if one.shortfall))
        outcome = Signed(case.planned, case.path, by, missing, shortfalls)
        return outcome, list(self._events(case, signed, sha256(pdf)))

    def _events(
        self, case: ReadyToSign, signed: Sequence[SignedPdf], digest: str
    ) -> Iterator[NewEvent]:
        every = self._campaign.letters[case.planned.letter].signatories
        for found in case.found:
            yield self._event(
                case, digest, found.signatory, found.subject, found.fingerprint,
                found.signed_at or self._clock(), "", every,
            )  # fmt: skip
        for one in signed:
            yield self._event(
                case, one.digest, one.signatory, one.subject, one.fingerprint,
                one.signed_at, one.level.value, every,
            )  # fmt: skip

    def _event(
        self,
        case: ReadyToSign,
        digest: str,
        signatory: str,
        subject: str,
        fingerprint: str,
        signed_at: dt.datetime,
        level: str,
        every: Sequence[str],
    ) -> NewEvent:
        missing = list(every[every.index(signatory) + 1 :])
        return NewEvent(
            kind=EventKind.SIGNED,
            happened_on=signed_at.astimezone(dt.UTC).date(),
            by=self._by,
            letter=case.planned.letter,
            recipient=case.planned.recipient.id,
            document=case.planned.document,
            file=case.record.file,
            digest=digest,
            revision=case.record.revision,
            details={
                "signatory": signatory,
                "subject": subject,
                "certificate": fingerprint,
                "signed_at": signed_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
                "level": level,
                "complete": not missing,
                "missing": missing,
            },
        )


def _in_turn(missing: Sequence[str], signs: Callable[[str], bool]) -> list[str]:
    """Those who can sign now: the next, and whoever follows, up to the first who cannot."""
    turn: list[str] = []
    for name in missing:
        if not signs(name):
            break
        turn.append(name)
    return turn


def _enter(
    register: Register, unentered: list[tuple[SigningOutcome, list[NewEvent]]]
) -> Iterator[SigningOutcome]:
    register.append([event for _, events in unentered for event in events])
    outcomes = [outcome for outcome, _ in unentered]
    unentered.clear()
    yield from outcomes


def _problem(planned: PlannedLetter, error: SigningError) -> Problem:
    no_stamp = isinstance(error, TimestampUnavailable)
    kind = catalogue.NO_TIME_STAMP if no_stamp else catalogue.NOT_SIGNED
    return kind.at(letter=planned.key, reason=error.sentence, remedy=error.remedy)
