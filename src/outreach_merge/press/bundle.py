"""Everything a bench reads, packed for a machine that does not see the campaign's folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

from outreach_merge.definitions import CampaignSettings, Signing
from outreach_merge.errors import UsageError
from outreach_merge.model import Recipient
from outreach_merge.press.renderer import RendererConfig

#: Folders of the campaign that are packed whole.
_WHOLE = ("templates", "languages")
#: Of other folders that a template names: what a page can show.
_SHOWN = (
    ".avif", ".bmp", ".css", ".gif", ".jpeg", ".jpg", ".otf", ".png", ".svg", ".tif", ".tiff",
    ".ttc", ".ttf", ".webp", ".woff", ".woff2",
)  # fmt: skip
_TEXTS = (".html", ".css", ".svg", ".toml")


@dataclass(frozen=True)
class Bundle:
    """A campaign's files, as far as letters are made from them.

    Neither the list of recipients nor the register is among them, nor any key.

    :param plan: its folders are those of the machine it was packed on.
    :param files: content by path below the campaign's folder.
    :param fonts: the prepared fonts, by file name.
    """

    plan: RendererConfig
    files: Mapping[str, bytes]
    fonts: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all contents, in hexadecimal."""
        digest = hashlib.sha256(repr((self.plan.settings, self.plan.letters)).encode())
        for path, content in sorted((*self.files.items(), *self.fonts.items())):
            digest.update(f"\n{path} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all contents."""
        return sum(map(len, (*self.files.values(), *self.fonts.values())))

    def unpack(self, folder: Path) -> RendererConfig:
        """Write all files below ``folder``; what a bench there must be told."""
        place = folder / self.digest[:16]
        campaign, fonts = place / "campaign", place / "fonts"
        campaign.mkdir(parents=True)
        for path, content in self.files.items():
            _write(campaign / path, content)
        prepared = self.plan.fonts
        if prepared is None:
            return replace(self.plan, folder=campaign)
        before, after = (escape(str(where)).encode() for where in (prepared.config.parent, fonts))
        for name, content in self.fonts.items():
            config = name == prepared.config.name
            _write(fonts / name, content.replace(before, after) if config else content)
        prepared = replace(prepared, config=fonts / prepared.config.name)
        return replace(self.plan, folder=campaign, fonts=prepared)


def pack(plan: RendererConfig, recipients: Iterable[Recipient]) -> Bundle:
    """What the benches of this campaign read.

    :param recipients: a cell of theirs may name a picture.
    :raises UsageError: a template is a link that leads out of the campaign's folder.
    """
    folder = plan.folder.resolve()
    # What signs, and where the register is, is nobody's business but the main process's.
    settings = plan.settings.model_copy(update={"signing": Signing(), "register_url": ""})
    files = {path: (folder / path).read_bytes() for path in _paths(folder, plan, recipients)}
    fonts = plan.fonts.config.parent if plan.fonts else None
    prepared = {path.name: path.read_bytes() for path in fonts.iterdir()} if fonts else {}
    return Bundle(replace(plan, settings=settings), files, prepared)


def _paths(folder: Path, plan: RendererConfig, recipients: Iterable[Recipient]) -> Iterator[str]:
    """Paths below the campaign's folder, each once."""
    found = {path for name in _WHOLE for path in _files_below(folder / name)}
    for path in found:
        if path.is_relative_to(folder / "templates") and not _inside(path, folder):
            name = path.relative_to(folder).as_posix()
            raise UsageError(
                f"{name} is a link that leads out of the campaign folder.",
                "Put the file itself there: workers elsewhere cannot follow the link.",
            )
    texts = "\n".join(path.read_text("utf-8", "replace") for path in found if path.suffix in _TEXTS)
    cells = "\n".join(cell for one in recipients for cell in one.extra.values())
    found.update(_named(folder, plan.settings, f"{texts}\n{cells}"))
    listed = (folder / path for path in _listed(plan.settings, plan.with_enclosures))
    found.update(path for path in listed if path.is_file())
    for path in sorted(found):
        yield path.relative_to(folder).as_posix()


def _listed(settings: CampaignSettings, with_enclosures: bool) -> Iterator[str]:
    """What the settings name."""
    pictures = [head.emblem for head in settings.letterheads.values()]
    pictures += [signatory.image for signatory in settings.signatories.values()]
    pictures += [stamp.image for stamp in settings.stamps.values()]
    yield from filter(None, pictures)
    if with_enclosures:
        for enclosure in settings.enclosures.values():
            yield from enclosure.files.values()


def _named(folder: Path, settings: CampaignSettings, texts: str) -> Iterator[Path]:
    """Pictures, fonts and stylesheets in other places that a template or a cell names.

    A name may be put together in the template, so a folder that is named gives all it has.
    """
    output = Path(settings.output).parts[0]
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in (*_WHOLE, output):
            continue
        if entry.is_dir() and f"{entry.name}/" in texts:
            below = _files_below(entry)
        else:
            below = iter([entry] if entry.is_file() and entry.name in texts else [])
        yield from (path for path in below if _is_shown(path) and _inside(path, folder))


def _is_shown(path: Path) -> bool:
    return path.suffix.lower() in _SHOWN


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder)


def _files_below(folder: Path) -> Iterator[Path]:
    """All files; links to folders are followed, each folder once."""
    seen: set[Path] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (path for name in names if (path := Path(place, name)).is_file())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
