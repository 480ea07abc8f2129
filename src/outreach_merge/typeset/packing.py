"""The last step of a file: every object is written once, and what letters share is packed once."""

from __future__ import annotations

import zlib
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pydyf

#: Level 9, which pydyf takes, packs a letter's fonts by a hundredth more in twice the time.
_LEVEL = 6
#: Streams of this size and more are looked up: colour profile and fonts, not the text of a page.
_WORTH_KEEPING = 2048
_MOST = 64


class Packer:
    """Packs streams; equal ones once. Kept for as long as the process lives."""

    def __init__(self) -> None:
        self._packed: dict[bytes, bytes] = {}

    def finish(self, pdf: pydyf.PDF) -> None:
        """Put finished objects in the place of all objects of ``pdf``.

        pydyf asks each object for its bytes twice, for the file's identifier and for the file,
        and packs each time.
        """
        pdf.objects[:] = [
            item if item.free == "f" else _Finished(item, self._data(item)) for item in pdf.objects
        ]

    def _data(self, item: pydyf.Object) -> bytes:
        if not isinstance(item, pydyf.Stream):
            return written(item)
        content = b"\n".join([written(part) for part in item.stream])
        extra = {**item.extra}
        if item.compress:
            content, extra["Filter"] = self._pack(content), b"/FlateDecode"
        extra["Length"] = len(content)
        head = written(pydyf.Dictionary(extra))
        return b"\n".join((head, b"stream", content, b"endstream"))

    def _pack(self, content: bytes) -> bytes:
        if len(content) < _WORTH_KEEPING:
            return zlib.compress(content, _LEVEL)
        key = sha256(content).digest()
        if key not in self._packed:
            if len(self._packed) >= _MOST:
                self._packed.clear()
            self._packed[key] = zlib.compress(content, _LEVEL)
        return self._packed[key]


def written(item: Any) -> bytes:
    """An object as its bytes. pydyf asks six questions of each; here its type answers first."""
    kind = type(item)
    if kind is bytes:
        return bytes(item)
    if kind is str:
        return item.encode("ascii")  # type: ignore[no-any-return]
    if kind is int:
        return b"%d" % item
    if kind is pydyf.Dictionary:
        entries = [
            _key(key) + (value if type(value) is bytes else written(value))
            for key, value in item.items()
        ]
        return b"<<" + b"".join(entries) + b">>"
    if kind is pydyf.Array:
        return b"[" + b" ".join([written(child) for child in item]) + b"]"
    if isinstance(item, pydyf.Object):
        return item.data  # type: ignore[no-any-return]
    return _number(item)


@lru_cache(maxsize=1_000)
def _key(name: str | bytes) -> bytes:
    return b"/" + written(name) + b" "


def _number(value: float) -> bytes:
    """As pydyf writes it: no exponent, no zeros at the end."""
    whole = isinstance(value, float) and value.is_integer()
    text = str(int(value)) if whole else f"{value:f}".rstrip("0")
    return text.encode("ascii")


class _Finished(pydyf.Object):  # type: ignore[misc]
    """An object that knows its bytes."""

    def __init__(self, item: pydyf.Object, data: bytes) -> None:
        super().__init__()
        self.number, self.generation, self.free = item.number, item.generation, item.free
        self._compressible = item.compressible
        self._data: Any = data

    @property
    def data(self) -> bytes:
        result: bytes = self._data
        return result

    @property
    def compressible(self) -> bool:
        result: bool = self._compressible
        return result
