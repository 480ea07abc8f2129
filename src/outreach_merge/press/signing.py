"""Has generated letters signed, and enters who signed them in the register.

Keys are opened here, in the main process, once for the run; workers never see them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cryptography import x509

from outreach_merge.campaign import Campaign
from outreach_merge.errors import SigningError
from outreach_merge.files import sha256, write_atomically
from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.press.fingerprint import Fingerprints
from outreach_merge.register import EventKind, LetterKey, LetterRecord, NewEvent, Register
from outreach_merge.sign.certificates import read_certificates
from outreach_merge.sign.errors import TimestampUnavailable
from outreach_merge.sign.keys import key_source
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases
from outreach_merge.sign.signing import (
    LongTerm,
    Pen,
    SignedPdf,
    TimestampServer,
    signature_state,
)
from outreach_merge.sign.verdicts import Code, ExpectedSignatory, SignatureVerdict
from outreach_merge.sign.verifying import verify

#: Letters entered in one transaction.
_BATCH = 25
_END_OF_REVISION = re.compile(rb"%%EOF\r?\n?")


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
class Complete:
    """Everybody had signed before."""

    planned: PlannedLetter
    path: Path


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next to sign has no key here."""

    planned: PlannedLetter
    path: Path
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotSigned:
    """The letter stays as it was, for this reason."""

    planned: PlannedLetter
    problem: Problem


SigningOutcome = Signed | Complete | Waiting | NotSigned


@dataclass(frozen=True, slots=True)
class _Case:
    """A letter that somebody has yet to sign.

    :param found: signatures that are on the file and not in the register: a run was killed, or
        the file came back from another machine.
    """

    planned: PlannedLetter
    record: LetterRecord
    path: Path
    missing: tuple[str, ...]
    found: tuple[SignatureVerdict, ...] = ()


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


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
            cases: list[_Case] = []
            for outcome in self._sort_out(planned, register.letters()):
                if isinstance(outcome, _Case):
                    cases.append(outcome)
                else:
                    yield outcome
            pens = {
                name: keys.enter_context(self._pen(name))
                for name in self._who_signs(cases, signatories)
            }
            yield from self._sign(cases, pens, register)

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

    # --- which letters -------------------------------------------------------------------

    def _sort_out(
        self, planned: Iterable[PlannedLetter], records: dict[LetterKey, LetterRecord]
    ) -> Iterator[_Case | SigningOutcome]:
        fingerprints = Fingerprints(self._campaign.folder, self._campaign.settings)
        for one in planned:
            letter = self._campaign.letters[one.letter]
            if one.courtesy or not letter.signature.is_digital:
                continue
            record = records.get(LetterKey(one.letter, one.recipient.id, one.document))
            try:
                if record is None:
                    raise _refused(one, "not-generated", "it has not been generated yet.",
                                   "Run outreach-merge generate.")  # fmt: skip
                case = self._case(one, record, fingerprints.of(one, letter))
                yield case if case.missing or case.found else Complete(one, case.path)
            except _Refused as refused:
                yield NotSigned(one, refused.problem)

    def _case(self, planned: PlannedLetter, record: LetterRecord, fingerprint: str) -> _Case:
        path = self._campaign.folder / record.file
        try:
            pdf = path.read_bytes()
        except OSError as error:
            raise _refused(
                planned, "file-missing", f"{record.file} cannot be read: {error.strerror}.",
                "Run outreach-merge generate.", record.file,
            ) from None  # fmt: skip
        is_as_recorded = sha256(pdf) == record.digest
        nobody_yet = not (record.signed or record.half_signed)
        if is_as_recorded and nobody_yet and not record.over and record.fingerprint != fingerprint:
            raise _refused(
                planned, "outdated",
                "the campaign's files have changed since it was generated.",
                "Run outreach-merge generate, look at it, then sign.",
            )  # fmt: skip
        try:
            missing = signature_state(pdf).missing
        except SigningError as error:
            raise _refused(planned, "not-ours", error.sentence, error.remedy, record.file) from None
        if record.over and missing:
            raise _refused(
                planned, "letter-closed",
                f"it was {record.standing.value} without the signature of {', '.join(missing)}.",
                "Change its text and generate it: it becomes a new revision.", record.file,
            )  # fmt: skip
        found = () if is_as_recorded else self._signed_elsewhere(planned, record, pdf)
        return _Case(planned, record, path, missing, found)

    def _signed_elsewhere(
        self, planned: PlannedLetter, record: LetterRecord, pdf: bytes
    ) -> tuple[SignatureVerdict, ...]:
        """The signatures by which the file is more than the register knows; nothing else may be."""
        changed = _refused(
            planned, "file-changed",
            f"{record.file} is not the file that was made: somebody changed it.",
            "Move it away and run outreach-merge generate.", record.file,
        )  # fmt: skip
        known = next(
            (
                pdf[: end.end()]
                for end in _END_OF_REVISION.finditer(pdf)
                if hashlib.sha256(pdf[: end.end()]).hexdigest() == record.digest
            ),
            None,
        )
        if known is None:
            raise changed
        before = signature_state(known).signed
        expected = [
            ExpectedSignatory(key) for key in self._campaign.letters[planned.letter].signatories
        ]
        verdict = verify(pdf, trust=self.trust, now=self._clock(), expected=expected)
        harmless = {Code.MISSING_SIGNATURE}
        if not self.trust:
            harmless.add(Code.UNTRUSTED)
        if any(finding.code not in harmless for finding in verdict.all_findings):
            raise changed
        return tuple(one for one in verdict.signatures if one.signatory not in before)

    # --- keys --------------------------------------------------------------------------------

    def _who_signs(self, cases: Sequence[_Case], wanted: Collection[str]) -> list[str]:
        """Those whose keys are needed, so that nobody is asked for a pass phrase in vain."""
        turns = dict.fromkeys(
            name
            for case in cases
            for name in _in_turn(case.missing, lambda name: self._has_key(name, wanted))
        )
        return list(turns)

    def _has_key(self, name: str, wanted: Collection[str]) -> bool:
        return name in self._settings.keys and (not wanted or name in wanted)

    def _pen(self, name: str) -> Pen:
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
        return Pen(
            open_key(source, name, self._passphrases, now=self._clock()),
            timestamp=timestamp,
            long_term=LongTerm(roots=self.trust) if settings.long_term and timestamp else None,
            clock=self._clock,
        )

    # --- signing -----------------------------------------------------------------------------

    def _sign(
        self, cases: Sequence[_Case], pens: dict[str, Pen], register: Register
    ) -> Iterator[SigningOutcome]:
        unentered: list[tuple[SigningOutcome, list[NewEvent]]] = []
        server_fails: Problem | None = None
        try:
            for case in cases:
                if server_fails is not None and _in_turn(case.missing, pens.__contains__):
                    yield NotSigned(case.planned, replace(server_fails, letter=case.planned.key))
                    continue
                try:
                    outcome, events = self._sign_one(case, pens)
                except TimestampUnavailable as error:
                    # The others would only wait for it as long.
                    server_fails = _problem(case.planned, "no-time-stamp", error)
                    yield NotSigned(case.planned, server_fails)
                    continue
                except SigningError as error:
                    yield NotSigned(case.planned, _problem(case.planned, "not-signed", error))
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

    def _sign_one(self, case: _Case, pens: dict[str, Pen]) -> tuple[SigningOutcome, list[NewEvent]]:
        language = case.planned.language
        place = self._campaign.letters[case.planned.letter].place.get(language) or ""
        pdf = case.path.read_bytes()
        signed: list[SignedPdf] = []
        for name in _in_turn(case.missing, pens.__contains__):
            signatory = self._campaign.settings.signatories[name]
            signed.append(
                pens[name].sign(
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

    def _events(self, case: _Case, signed: Sequence[SignedPdf], digest: str) -> Iterator[NewEvent]:
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
        case: _Case,
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


def _refused(
    planned: PlannedLetter, code: str, message: str, remedy: str = "", file: str = ""
) -> _Refused:
    return _Refused(Problem(code, message, remedy, file=file, letter=planned.key))


def _problem(planned: PlannedLetter, code: str, error: SigningError) -> Problem:
    return Problem(code, error.sentence, error.remedy, letter=planned.key)
