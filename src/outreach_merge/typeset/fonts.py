"""Makes the fonts within a PDF as small as they can be.

The typesetter's subsets keep the number of every glyph of the font, and with it a name, a width and
an offset for thousands of glyphs that are not on the page: three quarters of a letter's bytes. A
composite font can say instead which glyph each code means: in CFF by the ``charset`` of a CID-keyed
font (Adobe Technical Note 5176, sections 13 and 18), in TrueType by a ``CIDToGIDMap``
(ISO 32000-1, table 117). So only the outlines that are drawn remain; the page's content, which
names glyphs by their old numbers, stays as it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import overload

_CHARSET, _CHARSTRINGS, _PRIVATE, _SUBRS = 15, 17, 18, 19
_FONT_MATRIX, _ROS, _CID_COUNT, _FD_ARRAY, _FD_SELECT = 1207, 1230, 1234, 1236, 1237
#: Records of the table "name".
_FAMILY, _FULL_NAME, _TYPOGRAPHIC_FAMILY = 1, 4, 16
#: Standard strings of CFF: the first of a font's own is number 391.
_OWN_STRINGS = 391
#: Fonts kept: letters of one text share most of theirs.
_MOST = 64


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """What a CFF font draws: outlines by glyph, and the private data each of them needs."""

    charstrings: Mapping[int, bytes]
    font_dicts: Sequence[tuple[bytes, bytes]]
    font_dict_of: Mapping[int, int]
    matrix: bytes


@lru_cache(maxsize=_MOST)
def compact_cff(parts: tuple[tuple[bytes, frozenset[int]], ...], name: bytes) -> bytes:
    """The glyphs of an OpenType font with CFF outlines that are in use, as a CID-keyed CFF font.

    :param parts: subsets of one font (its capitals, its small capitals) or a whole one, OpenType
        files whose charstrings call no subroutines, each with the numbers of the glyphs in use,
        which become the CIDs.
    :param name: the PostScript name.
    :raises ValueError: the font has subroutines, or no CFF outlines.
    """
    glyphs = _joined([_read_cff(_tables(font)["CFF "], used) for font, used in parts])
    cids = sorted(glyphs.charstrings)
    used_dicts = sorted({glyphs.font_dict_of[cid] for cid in cids})
    number = {old: new for new, old in enumerate(used_dicts)}
    charstrings = _index([glyphs.charstrings[cid] for cid in cids])
    charset = b"\0" + b"".join(struct.pack(">H", cid) for cid in cids[1:])
    select = bytes([0, *(number[glyphs.font_dict_of[cid]] for cid in cids)])
    head = b"\1\0\4\4" + _index([name])
    strings = _index([b"Adobe", b"Identity"]) + _index([])

    def top(charset_at: int, select_at: int, charstrings_at: int, array_at: int) -> bytes:
        return _index(
            [
                _operator(_ROS, _OWN_STRINGS, _OWN_STRINGS + 1, 0)
                + glyphs.matrix
                + _operator(_CID_COUNT, cids[-1] + 1)
                + _operator(_CHARSET, charset_at)
                + _operator(_FD_SELECT, select_at)
                + _operator(_CHARSTRINGS, charstrings_at)
                + _operator(_FD_ARRAY, array_at)
            ]
        )

    # Numbers are written at a fixed width, so that the length does not depend on the offsets.
    start = len(head) + len(top(0, 0, 0, 0)) + len(strings)
    select_at = start + len(charset)
    charstrings_at = select_at + len(select)
    private_at = charstrings_at + len(charstrings)
    privates, dicts = b"", []
    for old in used_dicts:
        matrix, private = glyphs.font_dicts[old]
        dicts.append(matrix + _operator(_PRIVATE, len(private), private_at + len(privates)))
        privates += private
    array_at = private_at + len(privates)
    return b"".join(
        (
            head,
            top(start, select_at, charstrings_at, array_at),
            strings,
            charset,
            select,
            charstrings,
            privates,
            _index(dicts),
        )
    )


def outlines_stand_alone(font: bytes) -> bool:
    """Whether ``compact_cff`` can take the outlines of an OpenType font as they are."""
    try:
        _read_cff(_tables(font)["CFF "], ())
    except (IndexError, KeyError, ValueError, struct.error):
        return False
    return True


@lru_cache(maxsize=_MOST)
def compact_truetype(font: bytes, used: frozenset[int]) -> tuple[bytes, bytes]:
    """The glyphs ``used`` of a TrueType font numbered anew, and the map to them.

    :param used: numbers of glyphs, which are the CIDs.
    :returns: the font, and a ``CIDToGIDMap`` from the old numbers to the new.
    :raises ValueError: the font has no TrueType outlines.
    """
    tables = _tables(font)
    if not {"glyf", "loca", "head", "hhea", "hmtx", "maxp"} <= tables.keys():
        raise ValueError("no TrueType outlines")
    outlines = _read_glyf(tables)
    old = sorted({0} | {gid for gid in used if gid < len(outlines)})
    position = 0
    while position < len(old):  # parts of composite glyphs come after the glyphs in use
        old.extend(part for part, _ in _parts(outlines[old[position]]) if part not in old)
        position += 1
    new = {gid: number for number, gid in enumerate(old)}
    glyf, loca = b"", [0]
    for gid in old:
        outline = bytearray(outlines[gid])
        for part, at in _parts(outlines[gid]):
            struct.pack_into(">H", outline, at, new[part])
        glyf += bytes(outline) + bytes(-len(outline) % 2)
        loca.append(len(glyf))
    small = {
        "glyf": glyf,
        "loca": struct.pack(f">{len(loca)}I", *loca),
        "head": tables["head"][:50] + b"\0\1" + tables["head"][52:],  # offsets of 32 bits
        "hhea": tables["hhea"][:34] + struct.pack(">H", len(old)),
        "hmtx": b"".join(_metrics(tables, gid) for gid in old),
        "maxp": tables["maxp"][:4] + struct.pack(">H", len(old)) + tables["maxp"][6:],
    }
    small.update({tag: tables[tag] for tag in ("cvt ", "fpgm", "prep") if tag in tables})
    to_gid = bytearray(2 * (max(old) + 1))
    for gid, number in new.items():
        struct.pack_into(">H", to_gid, 2 * gid, number)
    return _sfnt(small), bytes(to_gid)


def families_of(font: bytes) -> frozenset[str]:
    """The names by which a family may be asked for: ``{"EB Garamond", "EB Garamond 12"}``."""
    return frozenset(_names(font, {_FAMILY, _TYPOGRAPHIC_FAMILY}))


def full_name_of(font: bytes) -> str:
    """``EB Garamond 12 Italic``; empty where the font does not say."""
    return next(iter(_names(font, {_FULL_NAME})), "")


def _names(font: bytes, wanted: set[int]) -> list[str]:
    names = _tables(font).get("name", b"")
    if len(names) < 6:
        return []
    count, strings = struct.unpack_from(">HH", names, 2)
    found = []
    for record in range(count):
        platform, _, _, kind, length, offset = struct.unpack_from(">6H", names, 6 + 12 * record)
        if kind in wanted and platform in (0, 3):
            text = names[strings + offset : strings + offset + length]
            found.append(text.decode("utf-16-be", errors="replace"))
    return found


# ------------------------------------------------------------------ sfnt


def _tables(font: bytes) -> dict[str, bytes]:
    base = 0
    if font[:4] == b"ttcf":
        base = struct.unpack_from(">I", font, 12)[0]
    (count,) = struct.unpack_from(">H", font, base + 4)
    found = {}
    for record in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", font, base + 12 + 16 * record)
        found[tag.decode("latin-1")] = font[offset : offset + length]
    return found


def _sfnt(tables: Mapping[str, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    head = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    offset = len(head) + 16 * count
    records, body = b"", b""
    for tag, data in sorted(tables.items()):
        padded = data + bytes(-len(data) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        records += struct.pack(
            ">4sIII", tag.encode("latin-1"), checksum, offset + len(body), len(data)
        )
        body += padded
    return head + records + body


def _read_glyf(tables: Mapping[str, bytes]) -> list[bytes]:
    (count,) = struct.unpack_from(">H", tables["maxp"], 4)
    long = struct.unpack_from(">h", tables["head"], 50)[0]
    width, scale = ("I", 1) if long else ("H", 2)
    offsets = struct.unpack_from(f">{count + 1}{width}", tables["loca"])
    glyf = tables["glyf"]
    return [glyf[start * scale : end * scale] for start, end in pairwise(offsets)]


def _parts(outline: bytes) -> list[tuple[int, int]]:
    """Glyphs a composite glyph is made of, and where each is named (OpenType, "glyf")."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    found, at = [], 10
    while True:
        flags, part = struct.unpack_from(">HH", outline, at)
        found.append((part, at + 2))
        at += 8 if flags & 0x0001 else 6
        at += 2 if flags & 0x0008 else 4 if flags & 0x0040 else 8 if flags & 0x0080 else 0
        if not flags & 0x0020:
            return found


def _metrics(tables: Mapping[str, bytes], gid: int) -> bytes:
    (full,) = struct.unpack_from(">H", tables["hhea"], 34)
    hmtx = tables["hmtx"]
    if gid < full:
        return hmtx[4 * gid : 4 * gid + 4]
    bearing = 4 * full + 2 * (gid - full)
    return hmtx[4 * (full - 1) : 4 * (full - 1) + 2] + hmtx[bearing : bearing + 2]


# ------------------------------------------------------------------ CFF


def _read_cff(cff: bytes, used: Iterable[int]) -> _Glyphs:
    at = cff[2]
    _, at = _read_index(cff, at)
    tops, at = _read_index(cff, at)
    _, at = _read_index(cff, at)
    subroutines, _ = _read_index(cff, at)
    top = _read_dict(tops[0])
    outlines, _ = _read_index(cff, _number(top, _CHARSTRINGS))
    cids = sorted({0} | {gid for gid in used if gid < len(outlines)})
    if _FD_ARRAY in top:
        array, _ = _read_index(cff, _number(top, _FD_ARRAY))
        dicts = [_private(cff, _read_dict(entry)) for entry in array]
        dict_of = _read_select(cff, _number(top, _FD_SELECT), cids)
    else:
        dicts = [(b"", _private(cff, top)[1])]
        dict_of = dict.fromkeys(cids, 0)
    if subroutines:
        raise ValueError("the font has subroutines")
    matrix = top[_FONT_MATRIX][1] if _FONT_MATRIX in top else b""
    return _Glyphs({cid: outlines[cid] for cid in cids}, dicts, dict_of, matrix)


def _joined(parts: Sequence[_Glyphs]) -> _Glyphs:
    first, *rest = parts
    if any(len(part.font_dicts) > 1 for part in parts) and rest:
        raise ValueError("subsets with several dictionaries are not joined")
    charstrings = {cid: code for part in parts for cid, code in part.charstrings.items()}
    dict_of = {cid: dict_ for part in parts for cid, dict_ in part.font_dict_of.items()}
    return _Glyphs(charstrings, first.font_dicts, dict_of, first.matrix)


def _private(cff: bytes, entry: Mapping[int, tuple[list[int], bytes]]) -> tuple[bytes, bytes]:
    size, offset = entry[_PRIVATE][0]
    private = cff[offset : offset + size]
    if _SUBRS in _read_dict(private):
        raise ValueError("the font has subroutines")
    return (entry[_FONT_MATRIX][1] if _FONT_MATRIX in entry else b""), private


def _read_select(cff: bytes, at: int, cids: Iterable[int]) -> dict[int, int]:
    if cff[at] == 0:
        return {cid: cff[at + 1 + cid] for cid in cids}
    (count,) = struct.unpack_from(">H", cff, at + 1)
    ranges = [struct.unpack_from(">HB", cff, at + 3 + 3 * n) for n in range(count)]
    found, current = {}, 0
    for cid in cids:
        while current + 1 < count and ranges[current + 1][0] <= cid:
            current += 1
        found[cid] = ranges[current][1]
    return found


def _read_index(cff: bytes, at: int) -> tuple[Sequence[bytes], int]:
    (count,) = struct.unpack_from(">H", cff, at)
    if not count:
        return [], at + 2
    entries = _Index(cff, at, count)
    return entries, entries.end


class _Index(Sequence[bytes]):
    """Entries of a CFF INDEX, each cut out when it is asked for: a font has thousands."""

    def __init__(self, cff: bytes, at: int, count: int) -> None:
        self._cff = cff
        self._count = count
        self._size = cff[at + 2]
        self._offsets = at + 3
        self._base = self._offsets + self._size * (count + 1) - 1
        self.end = self._offset(count)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._cff[self._offset(number) : self._offset(number + 1)]

    def _offset(self, number: int) -> int:
        at = self._offsets + self._size * number
        return self._base + int.from_bytes(self._cff[at : at + self._size], "big")


def _read_dict(data: bytes) -> dict[int, tuple[list[int], bytes]]:
    """Operator -> its whole numbers (0 for a real) and its bytes; 12 x is 1200 + x."""
    found: dict[int, tuple[list[int], bytes]] = {}
    numbers: list[int] = []
    start = at = 0
    while at < len(data):
        byte = data[at]
        if byte <= 21:
            width = 2 if byte == 12 else 1
            key = 1200 + data[at + 1] if byte == 12 else byte
            at += width
            found[key] = (numbers, data[start:at])
            numbers, start = [], at
        elif byte == 28:
            numbers.append(struct.unpack_from(">h", data, at + 1)[0])
            at += 3
        elif byte == 29:
            numbers.append(struct.unpack_from(">i", data, at + 1)[0])
            at += 5
        elif byte == 30:
            while data[at] & 0x0F != 0x0F and data[at] >> 4 != 0x0F:
                at += 1
            at += 1
            numbers.append(0)
        elif byte <= 246:
            numbers.append(byte - 139)
            at += 1
        else:
            sign, base = (1, 247) if byte <= 250 else (-1, 251)
            numbers.append(sign * ((byte - base) * 256 + data[at + 1] + 108))
            at += 2
    return found


def _number(entry: Mapping[int, tuple[list[int], bytes]], operator: int) -> int:
    if operator not in entry:
        raise ValueError("no CFF outlines")
    return entry[operator][0][0]


def _operator(operator: int, *numbers: int) -> bytes:
    """An entry of a DICT; every number takes five bytes."""
    name = bytes([12, operator - 1200]) if operator >= 1200 else bytes([operator])
    return b"".join(b"\x1d" + struct.pack(">i", number) for number in numbers) + name


def _index(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return b"\0\0"
    offsets = [1]
    for entry in entries:
        offsets.append(offsets[-1] + len(entry))
    size = (offsets[-1].bit_length() + 7) // 8
    return b"".join(
        (
            struct.pack(">HB", len(entries), size),
            *(offset.to_bytes(size, "big") for offset in offsets),
            *entries,
        )
    )
