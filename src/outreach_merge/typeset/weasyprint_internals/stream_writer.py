"""Writes the objects of a PDF: each is serialized once, equal streams are compressed once.

Subclasses ``pydyf.Object``. pydyf asks each object for its bytes twice, for the file's identifier
and for the file, and compresses it each time.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pydyf

#: Of zlib. Level 9, which pydyf takes, saves a hundredth of a letter's fonts in twice the time.
_LEVEL = 6
#: Bytes. Smaller streams, such as the text of a page, are not kept.
_MIN_CACHED_SIZE = 2048
_CAPACITY = 64


class StreamWriter:
    """Serializes objects; compressed streams are kept between letters."""

    def __init__(self) -> None:
        self._compressed: dict[bytes, bytes] = {}

    def finish(self, pdf: pydyf.PDF) -> None:
        """Replace all objects of ``pdf`` by serialized ones; nothing is added to it afterwards."""
        pdf.objects[:] = [
            item if item.free == "f" else _SerializedObject(item, self._data(item))
            for item in pdf.objects
        ]

    def _data(self, item: pydyf.Object) -> bytes:
        if not isinstance(item, pydyf.Stream):
            return serialized(item)
        content = b"\n".join([serialized(part) for part in item.stream])
        extra = {**item.extra}
        if item.compress:
            content, extra["Filter"] = self._compress(content), b"/FlateDecode"
        extra["Length"] = len(content)
        head = serialized(pydyf.Dictionary(extra))
        return b"\n".join((head, b"stream", content, b"endstream"))

    def _compress(self, content: bytes) -> bytes:
        if len(content) < _MIN_CACHED_SIZE:
            return zlib.compress(content, _LEVEL)
        key = sha256(content).digest()
        if key not in self._compressed:
            if len(self._compressed) >= _CAPACITY:
                self._compressed.clear()
            self._compressed[key] = zlib.compress(content, _LEVEL)
        return self._compressed[key]


def serialized(item: Any) -> bytes:
    """The bytes of an object, as ``pydyf`` writes it (ISO 32000-1, 7.3)."""
    kind = type(item)
    if kind is bytes:
        return bytes(item)
    if kind is str:
        return item.encode("ascii")  # type: ignore[no-any-return]
    if kind is int:
        return b"%d" % item
    if kind is pydyf.Dictionary:
        entries = [
            _key(key) + (value if type(value) is bytes else serialized(value))
            for key, value in item.items()
        ]
        return b"<<" + b"".join(entries) + b">>"
    if kind is pydyf.Array:
        return b"[" + b" ".join([serialized(child) for child in item]) + b"]"
    if isinstance(item, pydyf.Object):
        return item.data  # type: ignore[no-any-return]
    return _number(item)


@lru_cache(maxsize=1_000)
def _key(name: str | bytes) -> bytes:
    return b"/" + serialized(name) + b" "


def _number(value: float) -> bytes:
    """A number without exponent and without zeros at the end."""
    whole = isinstance(value, float) and value.is_integer()
    text = str(int(value)) if whole else f"{value:f}".rstrip("0")
    return text.encode("ascii")


class _SerializedObject(pydyf.Object):  # type: ignore[misc]
    """An object whose bytes are known."""

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
