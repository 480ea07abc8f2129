"""Holds a file against the register: is it one that was made, and is it complete?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from outreach_merge.campaign import Campaign
from outreach_merge.files import sha256
from outreach_merge.register import Event, EventKind, LetterKey, LetterRecord, Register
from outreach_merge.sign.verdicts import ExpectedSignatory, FileVerdict
from outreach_merge.sign.verifying import verify


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """A verdict, and the letter the register has for the file.

    :param letter: ``None`` when the register has none, or was not asked.
    """

    verdict: FileVerdict
    letter: LetterKey | None = None
    revision: int = 0


class Verifier:
    """Verifies files of one campaign; the register is read once.

    :param register: ``None`` where there is none: files are then judged by themselves.
    :param crls: revocation lists, DER.
    """

    def __init__(
        self,
        trust: Sequence[x509.Certificate],
        now: dt.datetime,
        campaign: Campaign | None = None,
        register: Register | None = None,
        crls: Sequence[bytes] = (),
    ) -> None:
        self._trust = trust
        self._now = now
        self._crls = crls
        self._campaign = campaign
        self._asked = register is not None
        self._by_digest: dict[str, Event] = {}
        self._by_file: dict[str, LetterRecord] = {}
        self._signed: dict[tuple[LetterKey, int], list[Event]] = {}
        if register is not None:
            kinds = (EventKind.GENERATED, EventKind.SIGNED)
            for event in register.events(kinds=kinds):
                self._by_digest.setdefault(event.digest, event)
                if event.kind is EventKind.SIGNED:
                    self._signed.setdefault((event.key, event.revision), []).append(event)
            self._by_file = {
                record.file: record
                for story in register.revisions().values()
                for record in story.values()
            }

    def verify(self, path: Path) -> RegisteredFile:
        """The verdict on a file.

        :raises OSError: when it cannot be read.
        """
        pdf = path.read_bytes()
        event = self._by_digest.get(sha256(pdf))
        key, revision = self._letter_of(path, event)
        verdict = verify(
            pdf,
            trust=self._trust,
            now=self._now,
            expected=None if key is None else self._expected(key, revision),
            recorded_digests=self._by_digest if self._asked else None,
            recorded_at=event.entered_at if event is not None else None,
            crls=self._crls,
        )
        return RegisteredFile(verdict, key, revision)

    def _letter_of(self, path: Path, event: Event | None) -> tuple[LetterKey | None, int]:
        """The letter with these bytes; else the one whose place the file takes."""
        if event is not None:
            return event.key, event.revision
        if self._campaign is not None and path.resolve().is_relative_to(self._campaign.folder):
            file = path.resolve().relative_to(self._campaign.folder).as_posix()
            record = self._by_file.get(file)
            if record is not None:
                return record.key, record.revision
        return None, 0

    def _expected(self, key: LetterKey, revision: int) -> list[ExpectedSignatory] | None:
        assert self._campaign is not None
        letter = self._campaign.letters.get(key.letter)
        pins = self._pins(key, revision)
        if letter is None:
            return [ExpectedSignatory(name, pins[name]) for name in pins] or None
        if key.document != "letter" or not letter.signature.is_digital:
            return []
        return [ExpectedSignatory(name, pins.get(name, frozenset())) for name in letter.signatories]

    def _pins(self, key: LetterKey, revision: int) -> Mapping[str, frozenset[str]]:
        """The certificates with which the register saw this letter signed."""
        pins: dict[str, set[str]] = {}
        for event in self._signed.get((key, revision), ()):
            signatory, certificate = (
                event.details.get("signatory"),
                event.details.get("certificate"),
            )
            if isinstance(signatory, str) and isinstance(certificate, str):
                pins.setdefault(signatory, set()).add(certificate)
        return {name: frozenset(found) for name, found in pins.items()}
