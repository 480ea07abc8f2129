"""Which letters can be signed now, and why the others cannot."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from outreach_merge import catalogue
from outreach_merge.campaign import Campaign
from outreach_merge.errors import SigningError
from outreach_merge.files import sha256
from outreach_merge.model import PlannedLetter, Problem
from outreach_merge.press.decide import inputs_are_same
from outreach_merge.press.dependencies import Dependencies
from outreach_merge.press.noop_cache import NoopCache
from outreach_merge.register import LetterKey, LetterRecord
from outreach_merge.sign.state import signature_state
from outreach_merge.sign.verdicts import Code, ExpectedSignatory, SignatureVerdict
from outreach_merge.sign.verifying import verify

_END_OF_REVISION = re.compile(rb"%%EOF\r?\n?")


@dataclass(frozen=True, slots=True)
class FullySigned:
    """Everybody had signed before."""

    planned: PlannedLetter
    path: Path


@dataclass(frozen=True, slots=True)
class NotSignable:
    """The letter stays as it was, for this reason."""

    planned: PlannedLetter
    problem: Problem


@dataclass(frozen=True, slots=True)
class ReadyToSign:
    """A letter that somebody has yet to sign, or whose signatures are yet to be entered.

    :param found: signatures that are on the file and not in the register: a run was killed, or
        the file came back from another machine.
    """

    planned: PlannedLetter
    record: LetterRecord
    path: Path
    missing: tuple[str, ...]
    found: tuple[SignatureVerdict, ...] = ()


class SigningQueue:
    """Tells the letters that can be signed from those that cannot.

    :param trust: reads the certificates of the authorities the campaign trusts; they are needed
        only for a file that was signed elsewhere.
    """

    def __init__(
        self,
        campaign: Campaign,
        clock: Callable[[], dt.datetime],
        trust: Callable[[], Sequence[x509.Certificate]],
    ) -> None:
        self._campaign = campaign
        self._clock = clock
        self._trust = trust
        self._dependencies = Dependencies(campaign.folder, campaign.settings, campaign.letters)
        self._noop_cache = NoopCache(campaign.output)

    def among(
        self, planned: Iterable[PlannedLetter], records: Mapping[LetterKey, LetterRecord]
    ) -> Iterator[ReadyToSign | FullySigned | NotSignable]:
        """What there is to do for each letter.

        Letters that are not signed digitally, and courtesy translations, are passed over.
        """
        with self._noop_cache:
            for one in planned:
                if one.courtesy or not self._campaign.letters[one.letter].signature.is_digital:
                    continue
                record = records.get(one.letter_key)
                try:
                    yield self._of(one, record)
                except _Refused as refused:
                    yield NotSignable(one, refused.problem)

    def _of(self, planned: PlannedLetter, record: LetterRecord | None) -> ReadyToSign | FullySigned:
        if record is None:
            raise _Refused(catalogue.NOT_GENERATED.at(letter=planned.key))
        path = self._campaign.folder / record.file
        try:
            pdf = path.read_bytes()
        except OSError as error:
            raise _Refused(
                catalogue.LETTER_UNREADABLE.at(
                    record.file, letter=planned.key, reason=error.strerror
                )
            ) from None
        is_as_recorded = sha256(pdf) == record.digest
        nobody_yet = not record.closed
        if is_as_recorded and nobody_yet and not self._is_current(planned, record):
            raise _Refused(catalogue.OUTDATED.at(letter=planned.key))
        try:
            missing = signature_state(pdf).missing
        except SigningError as error:
            raise _Refused(
                catalogue.NOT_OURS.at(
                    record.file, letter=planned.key, reason=error.sentence, remedy=error.remedy
                )
            ) from None
        if record.over and missing:
            raise _Refused(
                catalogue.CLOSED_WITHOUT_SIGNATURE.at(
                    record.file,
                    letter=planned.key,
                    status=record.status.value,
                    missing=", ".join(missing),
                )
            )
        found = () if is_as_recorded else self._signed_elsewhere(planned, record, pdf)
        if not missing and not found:
            return FullySigned(planned, path)
        return ReadyToSign(planned, record, path, missing, found)

    def _is_current(self, planned: PlannedLetter, record: LetterRecord) -> bool:
        """Whether ``generate`` would leave the letter as it is, with its enclosures or without."""
        known = self._noop_cache.known(record)
        possible = self._dependencies.possible_inputs(planned)
        return any(inputs_are_same(record, inputs, known) for inputs in possible)

    def _signed_elsewhere(
        self, planned: PlannedLetter, record: LetterRecord, pdf: bytes
    ) -> tuple[SignatureVerdict, ...]:
        """The signatures by which the file is more than the register knows; nothing else may be."""
        changed = _Refused(
            catalogue.LETTER_CHANGED_BEFORE_SIGNING.at(record.file, letter=planned.key)
        )
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
        trust = self._trust()
        verdict = verify(pdf, trust=trust, now=self._clock(), expected=expected)
        harmless = {Code.MISSING_SIGNATURE}
        if not trust:
            harmless.add(Code.UNTRUSTED)
        if any(finding.code not in harmless for finding in verdict.all_findings):
            raise changed
        return tuple(one for one in verdict.signatures if one.signatory not in before)


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
