"""The files that letters are rendered from, as one archive for the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

from outreach_merge.definitions import Signing
from outreach_merge.errors import UsageError
from outreach_merge.model import Recipient
from outreach_merge.press.renderer import RendererConfig

#: Folders of the campaign that are packed whole.
_WHOLE = ("templates", "languages")
#: What is packed of other folders: the kinds of files that a page can show.
_SHOWN = (
    ".avif", ".bmp", ".css", ".gif", ".jpeg", ".jpg", ".otf", ".png", ".svg", ".tif", ".tiff",
    ".ttc", ".ttf", ".webp", ".woff", ".woff2",
)  # fmt: skip
_TEXTS = (".html", ".css", ".svg", ".toml")


@dataclass(frozen=True, slots=True)
class CampaignArchive:
    """What a worker reads of a campaign: no list of recipients, no register, no key.

    :param config: for the renderer; its folders are those of the machine that packed it.
    :param content: a ZIP file with ``campaign/`` and, where fonts were subset, ``fonts/``.
    """

    config: RendererConfig
    content: bytes

    @classmethod
    def pack(cls, config: RendererConfig, recipients: Iterable[Recipient]) -> CampaignArchive:
        """
        :param recipients: a cell of theirs may name a picture.
        :raises UsageError: a file that would be packed is a link out of the campaign folder.
        """
        folder, buffer = config.folder.resolve(), BytesIO()
        with ZipFile(buffer, "w", strict_timestamps=False) as archive:
            for path in sorted(set(_campaign_files(folder, config, recipients))):
                name = path.relative_to(folder).as_posix()
                if not path.resolve().is_relative_to(folder):
                    raise UsageError(
                        f"{name} is a link that leads out of the campaign folder.",
                        "Put the file itself there: a cluster's workers cannot follow the link.",
                    )
                archive.write(path, f"campaign/{name}")
            for path in config.fonts.config.parent.iterdir() if config.fonts else ():
                archive.write(path, f"fonts/{path.name}")
        settings = config.settings.model_copy(update={"signing": Signing(), "register_url": ""})
        return cls(replace(config, settings=settings), buffer.getvalue())

    def unpack(self, folder: Path) -> RendererConfig:
        """Write the files below ``folder``; the configuration of a renderer that reads them.

        :raises OSError: they cannot be written.
        """
        with ZipFile(BytesIO(self.content)) as archive:
            archive.extractall(folder)
        fonts = self.config.fonts
        if fonts is not None:
            packed, config = fonts.config.parent, folder / "fonts" / fonts.config.name
            text = config.read_text(encoding="utf-8")
            text = text.replace(escape(str(packed)), escape(str(config.parent)))
            config.write_text(text, encoding="utf-8")
            fonts = replace(fonts, config=config)
        return replace(self.config, folder=folder / "campaign", fonts=fonts)


def _campaign_files(
    folder: Path, config: RendererConfig, recipients: Iterable[Recipient]
) -> Iterator[Path]:
    """Every file that a letter can show or is made from; some more than once.

    A template may put a file's name together, so of a folder that a template or a cell names all
    pictures, fonts and stylesheets are taken.
    """
    whole = [path for name in _WHOLE for path in _files(folder / name)]
    yield from whole
    yield from (path for name in _named_files(config) if (path := folder / name).is_file())
    texts = [path.read_text("utf-8", "replace") for path in whole if path.suffix in _TEXTS]
    texts += [cell for recipient in recipients for cell in recipient.extra.values()]
    text = "\n".join(texts)
    output = Path(config.settings.output).parts[0]
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.name == output:
            continue
        if (f"{entry.name}/" if entry.is_dir() else entry.name) in text:
            yield from (path for path in _files(entry) if path.suffix.lower() in _SHOWN)


def _named_files(config: RendererConfig) -> Iterator[str]:
    """Paths, below the campaign's folder, that its settings name."""
    settings = config.settings
    yield from filter(None, (head.emblem for head in settings.letterheads.values()))
    yield from filter(None, (signatory.image for signatory in settings.signatories.values()))
    yield from filter(None, (stamp.image for stamp in settings.stamps.values()))
    if config.with_enclosures:
        for enclosure in settings.enclosures.values():
            yield from enclosure.files.values()


def _files(path: Path) -> Iterator[Path]:
    """The file, or all files below the folder. Links are followed, except back to a parent."""
    if path.is_file():
        yield path
    for place, folders, names in os.walk(path, followlinks=True):
        here = Path(place)
        if here.resolve() in (parent.resolve() for parent in here.parents):
            folders.clear()
        else:
            yield from (file for name in names if (file := here / name).is_file())
