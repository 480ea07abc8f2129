"""Fonts cut down once for a campaign. The only room that knows HarfBuzz.

A Chinese font holds 65 535 glyphs, of which a letter shows two or three hundred. Whoever sets one
letter after the other from it reads and searches all of them each time. So the font is cut
once to the characters a campaign can show, by HarfBuzz and with all its rules of shaping; the
cut font is kept in a cache under what it was made from, and found through a fontconfig file of its
own that puts it in the place of the large one. A letter with another character is set from the
large font.

What the characters are does not depend on which letters are made, so that a letter's file is the
same whether it is made alone or with all the others.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from outreach_merge.errors import MachineError
from outreach_merge.files import write_atomically

logger = logging.getLogger(__name__)

#: Bytes. Smaller fonts are cut for each letter in less than a millisecond as they are.
_LARGE = 100_000
_CONFIG = "fonts.conf"
#: What is cut differently by another version of this file is kept under another name.
_VERSION = 2


@dataclass(frozen=True, slots=True)
class FontSubsets:
    """Cut fonts in a folder.

    :param config: the fontconfig file that finds them first, then those of the machine.
    :param characters: the characters that are in them, where the large fonts have them.
    """

    config: Path
    characters: frozenset[str]

    def cover(self, text: str) -> bool:
        """Whether ``text`` can be set from the cut fonts as from the large ones."""
        return self.characters.issuperset(text)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within, a font configuration that is loaded finds the cut fonts."""
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = str(self.config)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


@dataclass(frozen=True, slots=True)
class _Face:
    file: Path
    index: int
    families: tuple[str, ...]

    @property
    def stamp(self) -> tuple[str, int, int, int]:
        """What tells this face from any other version of it."""
        about = self.file.stat()
        return str(self.file), self.index, about.st_size, about.st_mtime_ns


def subset_fonts(
    stylesheets: Iterable[str], text: Iterable[str], cache: Path
) -> FontSubsets | None:
    """Cut the large fonts that the stylesheets name; ``None`` when there are none.

    :param text: everything a letter may show: templates, definitions, recipients.
    :param cache: a folder that may be removed at any time.
    """
    faces = _large_faces("\n".join(stylesheets))
    if not faces:
        return None
    characters = frozenset(common_characters().union(*text))
    key = json.dumps([_VERSION, [face.stamp for face in faces], "".join(sorted(characters))])
    folder = cache / hashlib.sha256(key.encode()).hexdigest()[:24]
    config = folder / _CONFIG
    if not config.is_file():
        try:
            _cut_all(faces, characters, folder)
        except (ImportError, MachineError, OSError, RuntimeError, ValueError) as error:
            logger.warning("large fonts are used as they are: %s", error)
            return None
    return FontSubsets(config, characters)


def common_characters() -> set[str]:
    """Characters that are always kept, so that few changes of a text cut the fonts anew:
    the alphabets of Europe, Arabic, signs, and the Chinese of GB 2312.
    """
    alphabets = ((0x20, 0x24F), (0x300, 0x52F), (0x600, 0x6FF), (0x2000, 0x27BF), (0x3000, 0x303F),
                 (0xFF00, 0xFFEF))  # fmt: skip
    found = {chr(code) for first, last in alphabets for code in range(first, last + 1)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.update(bytes((row, cell)).decode("gb2312", "ignore"))
    return found | {"\n", "\r", "\t"}


def _large_faces(stylesheets: str) -> list[_Face]:
    """Faces of large files whose family the stylesheets name."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    listing = subprocess.run(
        [program, "--format", "%{file}\t%{index}\t%{variable}\t%{family}\n"],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    faces = []
    for line in sorted(set(listing.splitlines())):
        file, index, variable, names = line.split("\t", 3)
        families = tuple(names.split(","))
        if variable == "False" and any(name in stylesheets for name in families):
            face = _Face(Path(file), int(index), families)
            if face.file.stat().st_size > _LARGE:
                faces.append(face)
    return faces


def _cut_all(faces: Iterable[_Face], characters: frozenset[str], folder: Path) -> None:
    rejected = []
    for number, face in enumerate(faces):
        write_atomically(folder / f"{number}.otf", _cut(face, characters))
        rejected.append(
            f"<pattern><patelt name='file'><string>{escape(str(face.file))}</string></patelt>"
            f"<patelt name='index'><int>{face.index}</int></patelt></pattern>"
        )
    config = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig>\n<include ignore_missing='yes'>{escape(_machine_config())}</include>\n"
        f"<dir>{escape(str(folder))}</dir>\n"
        f"<selectfont><rejectfont>{''.join(rejected)}</rejectfont></selectfont>\n</fontconfig>\n"
    )
    write_atomically(folder / _CONFIG, config.encode())


def _cut(face: _Face, characters: frozenset[str]) -> bytes:
    """The face with the glyphs of ``characters`` and of whatever its rules make of them."""
    import uharfbuzz as hb

    wanted = hb.SubsetInput()
    wanted.unicode_set.update(ord(character) for character in characters)
    for everything in (
        wanted.layout_feature_tag_set, wanted.name_id_set, wanted.name_lang_id_set,
    ):  # fmt: skip
        everything.clear()
        everything.invert()
    # Outlines that stand alone can be taken one by one for a letter, without cutting again.
    wanted.flags = (
        hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.NO_HINTING
    )
    cut = hb.subset(hb.Face(hb.Blob.from_file_path(str(face.file)), face.index), wanted)
    data: bytes = cut.blob.data
    return data


def _machine_config() -> str:
    """The fontconfig file in force, which the cut fonts are added to."""
    return os.environ.get("FONTCONFIG_FILE") or "/etc/fonts/fonts.conf"
