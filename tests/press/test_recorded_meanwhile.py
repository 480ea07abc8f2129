"""What somebody records while letters are made: a letter that left is not overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from folders import CAMPAIGN_CODE, CampaignFolder
from outreach_merge.campaign import read_campaign
from outreach_merge.files import sha256_of_file
from outreach_merge.press import HeldBack, Press, Selection, Withdrawn
from outreach_merge.register import EventKind, LetterKey, NewEvent, Register

MakeCampaign = Callable[..., CampaignFolder]
TWO = ({"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"}, {"state": "FJI"})
TEMPLATE = "templates/invitation/en.html"


def dispatch(folder: CampaignFolder, keys: list[LetterKey]) -> None:
    """Another clerk's entries."""
    with Register.open(folder.file("register.sqlite"), CAMPAIGN_CODE) as register:
        register.append(
            [
                NewEvent(
                    kind=EventKind.DISPATCHED,
                    letter=key.letter,
                    recipient=key.recipient,
                    happened_on=dt.date.today(),
                    by="another clerk",
                )
                for key in keys
            ]
        )


class ClerkAtTheClock:
    """A clock; when it is first looked at while letters are made, another clerk dispatches all."""

    def __init__(self, folder: CampaignFolder) -> None:
        self._folder = folder
        with folder.register() as register:
            self._keys = list(register.letters())

    def __call__(self) -> dt.datetime:
        keys, self._keys = self._keys, []
        if keys:
            dispatch(self._folder, keys)
        return dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("change", ["a new text", "no longer a recipient"])
def test_a_letter_dispatched_meanwhile_stays_as_it_was(
    make_campaign: MakeCampaign, change: str
) -> None:
    folder = make_campaign(*TWO)
    folder.ok("generate")
    before = {path: sha256_of_file(path) for path in folder.pdfs()}
    if change == "a new text":
        folder.replace(TEMPLATE, "honour", "great honour")
    else:
        folder.rows(TWO[0])
    press = Press(read_campaign(folder.path), "a clerk", ClerkAtTheClock(folder))
    outcomes = list(press.generate(Selection(), 1))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Withdrawn)]
    held = [outcome for outcome in outcomes if isinstance(outcome, HeldBack)]
    if change == "a new text":
        assert {p.code for outcome in held for p in outcome.problems} == {"letter-moved-on"}
    assert {path: sha256_of_file(path) for path in folder.pdfs()} == before
    folder.ok("log", "verify", "--files")
    folder.ok("generate")
    revisions = {path.stem for path in folder.pdfs()} - {path.stem for path in before}
    expected = {"KEN-head_of_state-en-r2", "FJI-head_of_state-en-r2"}
    assert revisions == (expected if change == "a new text" else set())
