"""Loads WeasyPrint, and says which Pango it found.

WeasyPrint tries six names of each system library, one for each kind of system, and for each name
``ctypes.util.find_library`` runs ``ldconfig``, ``gcc`` and ``ld``: fifty processes, a quarter of a
second. One of the six is the name by which Linux itself finds the library. Where Linux finds all
of them, ``find_library`` is replaced while WeasyPrint is imported.
"""

from __future__ import annotations

import ctypes.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: The libraries that WeasyPrint cannot do without.
_NEEDED = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
    "libpangoft2-1.0.so.0",
)


def load() -> None:
    """Load WeasyPrint, unless it was."""
    if sys.platform == "linux" and all(map(_is_there, _NEEDED)):
        with _without_search():
            import weasyprint  # noqa: F401


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@contextmanager
def _without_search() -> Iterator[None]:
    search = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = search
