"""The files of letters in the output folder: what state they are in, and how they are replaced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from outreach_merge.calendar_file import calendar_path
from outreach_merge.campaign import Campaign
from outreach_merge.files import sha256_of_file, write_atomically
from outreach_merge.model import PlannedLetter
from outreach_merge.press.decide import FileState
from outreach_merge.press.run_lock import RunLock
from outreach_merge.register import LetterRecord


@dataclass(frozen=True, slots=True)
class LetterFiles:
    """The letters' files of one campaign, during one run.

    :param lock: the run lock, which is held.
    """

    campaign: Campaign
    lock: RunLock

    def path_of(self, planned: PlannedLetter, revision: int) -> Path:
        """Where a revision of the letter stands."""
        path = self.campaign.output / planned.relative_path
        return path if revision == 1 else path.with_stem(f"{path.stem}-r{revision}")

    def recorded_path(self, record: LetterRecord) -> Path:
        """Where the file stands that the register knows."""
        return self.campaign.folder / record.file

    def name_of(self, path: Path) -> str:
        """The path below the campaign folder, as the register has it."""
        return path.relative_to(self.campaign.folder).as_posix()

    def state(self, record: LetterRecord | None) -> FileState:
        """The state of the file that the register knows.

        A text that an earlier run entered and did not put in its place is put there first.
        """
        if record is None:
            return FileState()
        path = self.recorded_path(record)
        self.settle(path, record.digest)
        digest = sha256_of_file(path) if path.is_file() else ""
        letter = self.campaign.letters.get(record.letter)
        has_calendar = letter is not None and letter.meeting is not None
        return FileState(
            digest=digest,
            ours=self.lock.knows(record.file, digest),
            calendar=not has_calendar or calendar_path(path).is_file(),
        )

    def is_free(self, path: Path, record: LetterRecord | None, digest: str) -> bool:
        """Whether nothing stands at ``path`` that somebody else put there.

        :param digest: SHA-256 of what is to be written there.
        """
        if not path.exists():
            return True
        if not path.is_file():
            return False
        found, file = sha256_of_file(path), self.name_of(path)
        known = record is not None and (record.file, record.digest) == (file, found)
        return known or found == digest or self.lock.knows(file, found)

    def write(self, path: Path, pdf: bytes, digest: str) -> None:
        """Write a letter; where another stands, beside it, until :meth:`settle`.

        Somebody may record meanwhile that what stands there was dispatched: it gives way once
        the new text is entered, and not before.
        """
        self.lock.note(self.name_of(path), digest)
        is_taken = path.exists() and sha256_of_file(path) != digest
        write_atomically(_waiting(path) if is_taken else path, pdf)

    def write_calendar(self, letter: Path, calendar: bytes) -> None:
        """Write the calendar file beside a letter, where it has one."""
        if calendar:
            write_atomically(calendar_path(letter), calendar)

    def settle(self, path: Path, digest: str) -> None:
        """Put a text that waits in its letter's place if it was entered; else remove it.

        :param digest: SHA-256 of the text that was entered.
        """
        waiting = _waiting(path)
        if not waiting.is_file():
            return
        if sha256_of_file(waiting) == digest:
            waiting.replace(path)
        else:
            waiting.unlink()

    def discard(self, path: Path) -> None:
        """Remove a text that waits and was refused."""
        _waiting(path).unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Remove a letter and its calendar file."""
        path.unlink(missing_ok=True)
        calendar_path(path).unlink(missing_ok=True)

    def outdated(self, new: Path, record: LetterRecord | None) -> Path | None:
        """The file this letter had, where it had another name (its language changed, say)."""
        if record is None or record.closed:
            return None
        path = self.recorded_path(record)
        is_whole = path != new and path.is_file() and sha256_of_file(path) == record.digest
        return path if is_whole else None


def _waiting(path: Path) -> Path:
    """Where a new text waits until it is entered."""
    return path.with_name(f".{path.stem}.next.pdf")
