"""Drafts of a campaign whose files are being edited: made again without what did not change.

Whatever is kept stands under the stamps of the files it was made
from, taken before they were read; another stamp, and it is made anew.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from outreach_merge.campaign import (
    SETTINGS_FILE,
    Campaign,
    files_named,
    read_campaign,
    read_settings,
)
from outreach_merge.compose import Composer
from outreach_merge.definitions import CampaignSettings
from outreach_merge.errors import OutreachError
from outreach_merge.files import FileStamp, file_stamp
from outreach_merge.model import PlannedLetter, TypesetLetter
from outreach_merge.press.press import Press
from outreach_merge.press.renderer import LetterRenderer, RendererConfig
from outreach_merge.protocol import Protocol

if TYPE_CHECKING:
    # Loads the engine, which a draft as HTML or text does without.
    from outreach_merge.typeset import Typesetter

_PLACES = ("letters", "languages", "templates")
#: Templates and glossaries: they make the HTML, and nothing else of a page.
_COMPOSED = (".html", ".toml")

_Value = TypeVar("_Value")


class _Memoized(Generic[_Value]):
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


_Stamps = Mapping[Path, FileStamp | None]


@dataclass(frozen=True, slots=True)
class _CampaignFiles:
    """What was there at a look.

    :param definition: ``campaign.toml`` and the recipients.
    :param named: pictures, enclosures and whatever else the definition and the pages name.
    :param folders: where something may happen that changes any of it.
    """

    definition: _Stamps
    letters: _Stamps
    languages: _Stamps
    templates: _Stamps
    named: _Stamps
    folders: frozenset[Path]

    @property
    def files(self) -> _Stamps:
        return {
            **self.named, **self.definition, **self.letters, **self.languages, **self.templates
        }  # fmt: skip


class Previewer:
    """Makes drafts of one campaign, one after the other, as its files stand at each look.

    :param by: who asks (see :class:`Press`).
    :param clock: tells the time.
    """

    def __init__(self, folder: Path, by: str, clock: Callable[[], dt.datetime]) -> None:
        self._folder = folder
        self._by = by
        self._clock = clock
        self._settings: _Memoized[CampaignSettings] = _Memoized()
        self._protocol: _Memoized[Protocol] = _Memoized()
        self._campaign: _Memoized[Campaign] = _Memoized()
        self._composer: _Memoized[Composer] = _Memoized()
        self._typesetter: _Memoized[Typesetter] = _Memoized()
        self._files = self._see()

    def look(self) -> tuple[Path, ...]:
        """Look at the campaign's files again; returns those that changed since the last look."""
        before = self._files.files
        self._files = self._see()
        now = self._files.files
        return tuple(sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p)))

    @property
    def folders(self) -> frozenset[Path]:
        """The folders in which something may happen that changes a draft, as of the last look."""
        return self._files.folders

    def press(self) -> Press:
        """The press for the campaign; see :meth:`campaign`."""
        return Press(self.campaign(), self._by, self._clock)

    def campaign(self) -> Campaign:
        """The campaign as it stood at the last look.

        :raises UsageError: when the folder is no campaign.
        :raises CampaignError: when ``campaign.toml`` is wrong.
        """
        files = self._files
        protocol = self._protocol.get(_all(files.languages), lambda: Protocol.load(self._folder))
        missing = frozenset(path for path, stamp in files.named.items() if stamp is None)
        return self._campaign.get(
            (_all(files.definition), _all(files.letters), missing, self._protocol.version),
            lambda: read_campaign(self._folder, protocol),
        )

    def draft(self, planned: PlannedLetter) -> TypesetLetter:
        """One letter, marked as a draft, never registered.

        :raises UsageError: when the folder is no campaign.
        :raises CampaignError: when ``campaign.toml`` is wrong.
        :raises ComposeError: when the letter cannot be composed.
        """
        campaign, files = self.campaign(), self._files
        typesetter = self._set_up(campaign.settings)
        plan = RendererConfig(self._folder, campaign.settings, campaign.letters)
        draft = LetterRenderer(plan, typesetter, self._compose(campaign)).draft(planned)
        # What a page shows from elsewhere is known once it was set.
        self._files = replace(files, named={**typesetter.files_read, **files.named})
        return draft

    def _compose(self, campaign: Campaign) -> Composer:
        texts = _all(self._files.templates, lambda path: path.suffix in _COMPOSED)
        return self._composer.get(
            (self._campaign.version, texts),
            lambda: Composer(
                self._folder,
                campaign.settings,
                campaign.letters,
                campaign.protocol,
                self._composer.value,
            ),
        )

    def _set_up(self, settings: CampaignSettings) -> Typesetter:
        from outreach_merge.typeset import Typesetter

        shown = _all(self._files.templates, lambda path: path.suffix not in _COMPOSED)
        return self._typesetter.get(
            (settings.page.model_dump_json(), shown, _all(self._files.named)),
            lambda: Typesetter(self._folder, settings, before=self._typesetter.value),
        )

    def _see(self) -> _CampaignFiles:
        definition = self._folder / SETTINGS_FILE
        with suppress(OutreachError):  # what is wrong is said when the campaign is read
            self._settings.get(file_stamp(definition), lambda: read_settings(self._folder))
        settings, typesetter = self._settings.value, self._typesetter.value
        files, named = {definition}, set(typesetter.files_read if typesetter else ())
        if settings:
            files.add(self._folder / settings.recipients)
            named.update(self._folder / name for _, name in files_named(settings))
        places = {name: dict(_below(self._folder / name)) for name in _PLACES}
        folders = {file.parent for file in files | named}.union(*places.values())
        letters, languages, templates = (_stamps(chain(*places[name].values())) for name in _PLACES)
        return _CampaignFiles(
            _stamps(files),
            letters,
            languages,
            templates,
            _stamps(named),
            frozenset(folder for folder in folders if folder.is_dir()),
        )


def _stamps(files: Iterable[Path]) -> _Stamps:
    return {file: file_stamp(file) for file in files}


def _all(stamps: _Stamps, wanted: Callable[[Path], bool] = lambda path: True) -> Hashable:
    """The stamps as something that can be compared."""
    return frozenset((path, stamp) for path, stamp in stamps.items() if wanted(path))


def _below(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Each folder and its files, but for what editors put there for themselves."""
    for name, folders, files in os.walk(folder):
        folders[:] = [inner for inner in folders if not _is_editors(inner)]
        here = Path(name)
        yield here, [here / file for file in files if not _is_editors(file)]


def _is_editors(name: str) -> bool:
    return name.startswith(".") or name.endswith("~")
