"""Drafts of a campaign whose files are being edited: made again without what did not change.

Nobody has to say what changed. Whatever is kept stands under the stamps of the files it was made
from, taken before they were read; another stamp, and it is made anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from outreach_merge.campaign import (
    SETTINGS_FILE,
    Campaign,
    files_named,
    read_campaign,
    read_settings,
)
from outreach_merge.definitions import CampaignSettings
from outreach_merge.errors import OutreachError
from outreach_merge.files import Stamp, stamp_of
from outreach_merge.model import PlannedLetter, TypesetLetter
from outreach_merge.press.bench import Bench, BenchPlan
from outreach_merge.press.press import Press

if TYPE_CHECKING:
    # Loads the engine, which a draft as HTML or text does without.
    from outreach_merge.typeset import Typesetter

_TEMPLATES = "templates"
_FOLDERS = (_TEMPLATES, "letters", "languages")
#: Templates and glossaries: they make the HTML, and nothing else of a page.
_COMPOSED = (".html", ".toml")
#: Everything else may be a picture, or a stylesheet.
_NEVER_SHOWN = (*_COMPOSED, ".csv", ".xlsx", ".ods")

_Value = TypeVar("_Value")


class _Kept(Generic[_Value]):
    """A value that is made again when what it was made from is no longer the same."""

    def __init__(self) -> None:
        self._made_from: Hashable = None
        self.value: _Value | None = None
        #: How often it was made.
        self.version = 0

    def get(self, made_from: Hashable, make: Callable[[], _Value]) -> _Value:
        if self.value is None or made_from != self._made_from:
            self.value = make()
            self._made_from = made_from
            self.version += 1
        return self.value


class Previewer:
    """Makes drafts of one campaign, one after the other, as its files stand at each look.

    :param by: who asks (see :class:`Press`).
    :param clock: tells the time.
    """

    def __init__(self, folder: Path, by: str, clock: Callable[[], dt.datetime]) -> None:
        self._folder = folder
        self._by = by
        self._clock = clock
        self._seen: Mapping[Path, Stamp | None] = {}
        self._settings: _Kept[CampaignSettings] = _Kept()
        self._campaign: _Kept[Campaign] = _Kept()
        self._typesetter: _Kept[Typesetter] = _Kept()
        self._bench: _Kept[Bench] = _Kept()
        self.look()

    def look(self) -> tuple[Path, ...]:
        """Look at the campaign's files again; returns those that changed since the last look."""
        before, self._seen = self._seen, {path: stamp_of(path) for path in self._files()}
        both = before.keys() | self._seen.keys()
        return tuple(sorted(p for p in both if before.get(p) != self._seen.get(p)))

    @property
    def folders(self) -> frozenset[Path]:
        """The folders in which something may happen that changes a draft; those that exist."""
        found = {self._folder, *(path.parent for path in self._seen)}
        for name in _FOLDERS:
            found.update(path for path in _below(self._folder / name) if path.is_dir())
            found.add(self._folder / name)
        return frozenset(folder for folder in found if folder.is_dir())

    def press(self) -> Press:
        """The press for the campaign as it stood at the last look.

        :raises UsageError: when the folder is no campaign.
        :raises CampaignError: when ``campaign.toml`` is wrong.
        """
        return Press(self.campaign(), self._by, self._clock)

    def campaign(self) -> Campaign:
        """The campaign; see :meth:`press`."""
        there = frozenset(path for path, stamp in self._seen.items() if stamp)
        read = self._stamps(lambda path: not self._is_template(path))
        return self._campaign.get((there, read), lambda: read_campaign(self._folder))

    def draft(self, planned: PlannedLetter) -> TypesetLetter:
        """One letter, marked as a draft, never registered.

        :raises ComposeError: when the letter cannot be composed.
        """
        campaign, typesetter = self.campaign(), self._set_up()
        composed = self._stamps(lambda path: path.suffix in _COMPOSED and self._is_template(path))
        plan = BenchPlan(self._folder, campaign.settings, campaign.letters)
        bench = self._bench.get(
            (self._campaign.version, self._typesetter.version, composed),
            lambda: Bench(plan, typesetter),
        )
        done = bench.draft(planned)
        # What a page shows from elsewhere is known once it was set.
        self._seen = {**typesetter.files_read, **self._seen}
        return done

    def _set_up(self) -> Typesetter:
        """The typesetter; when a stylesheet or a picture changed, one that keeps the fonts."""
        from outreach_merge.typeset import Typesetter

        settings = self.campaign().settings
        shown = self._stamps(lambda path: path.suffix not in _NEVER_SHOWN)
        last = self._typesetter.value
        return self._typesetter.get(
            (settings.page.model_dump_json(), shown),
            lambda: Typesetter(self._folder, settings, before=last),
        )

    def _files(self) -> Iterator[Path]:
        """Every file a draft may be made from."""
        file = self._folder / SETTINGS_FILE
        yield file
        for name in _FOLDERS:
            yield from (path for path in _below(self._folder / name) if not path.is_dir())
        stamp = stamp_of(file)
        with suppress(OutreachError):  # what is wrong is said when the campaign is read
            self._settings.get(stamp, lambda: read_settings(self._folder))
        if settings := self._settings.value:
            yield self._folder / settings.recipients
            yield from (self._folder / name for _, name in files_named(settings))
        if self._typesetter.value is not None:
            yield from self._typesetter.value.files_read

    def _stamps(self, wanted: Callable[[Path], bool]) -> frozenset[tuple[Path, Stamp | None]]:
        return frozenset((path, stamp) for path, stamp in self._seen.items() if wanted(path))

    def _is_template(self, path: Path) -> bool:
        return path.is_relative_to(self._folder / _TEMPLATES)


def _below(folder: Path) -> Iterator[Path]:
    """What is in ``folder`` and its folders, but for what editors put there for themselves."""
    for path in folder.rglob("*"):
        if not path.name.startswith(".") and not path.name.endswith("~"):
            yield path
