"""The colour space a letter states: sRGB, in a profile of half a kilobyte.

The profile that the typesetter brings takes 2.5 KB of every letter, most of it in curves of 1024
points. ICC.1:2004 (version 4, which PDF 1.7 allows) writes sRGB's curve as a formula instead.
"""

from __future__ import annotations

import struct
from functools import lru_cache

#: IEC 61966-2-1: primaries adapted to D50, the profile connection space.
_PRIMARIES = {
    b"rXYZ": (0.4360747, 0.2225045, 0.0139322),
    b"gXYZ": (0.3850649, 0.7168786, 0.0971045),
    b"bXYZ": (0.1430804, 0.0606169, 0.7141733),
}
_D50 = (0.9642, 1.0, 0.8249)
#: Bradford's adaptation from D65 to D50.
_ADAPTATION = (
    1.0478112, 0.0228866, -0.0501270,
    0.0295424, 0.9904844, -0.0170491,
    -0.0092345, 0.0150436, 0.7521316,
)  # fmt: skip
#: Y = (aX + b)^g from d upwards, cX below.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """sRGB as an ICC profile, the same bytes always."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*_CURVE)
    tags: list[tuple[bytes, bytes]] = [
        (b"desc", _text("sRGB")),
        (b"cprt", _text("No copyright")),
        (b"wtpt", b"XYZ " + bytes(4) + _fixed(*_D50)),
        (b"chad", b"sf32" + bytes(4) + _fixed(*_ADAPTATION)),
        *((name, b"XYZ " + bytes(4) + _fixed(*value)) for name, value in _PRIMARIES.items()),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    places: dict[bytes, int] = {}
    body, start = b"", 128 + 4 + 12 * len(tags)
    table = struct.pack(">I", len(tags))
    for name, data in tags:
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", places[data], len(data))
    return _header(start + len(body)) + table + body


def _header(size: int) -> bytes:
    """ICC.1:2004, 7.2; the day is fixed, so that the bytes are."""
    head = struct.pack(">I4sI", size, bytes(4), 0x04200000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2014, 7, 1, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8)
    head += struct.pack(">I", 1) + _fixed(*_D50)  # rendering intent: relative colorimetric
    return head + bytes(128 - len(head))


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    record = struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28)
    return b"mluc" + bytes(4) + record + encoded


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
