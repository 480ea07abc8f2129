"""What a page depends on besides its HTML and its fonts."""

from __future__ import annotations

import ctypes
import platform
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

#: Packages whose version may show on the page or in the bytes of its file.
_PACKAGES = (
    "babel", "cssselect2", "fonttools", "icalendar", "jinja2", "markupsafe", "pikepdf", "pillow",
    "pydyf", "pyhanko", "pyphen", "tinycss2", "tinyhtml5", "uharfbuzz", "weasyprint",
)  # fmt: skip


def libraries() -> Mapping[str, str]:
    """Name -> version, of this process; empty for a package that is not installed."""
    found = {name: _version(name) for name in _PACKAGES}
    return {
        **found,
        "Python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **dict(_shared_libraries()),
    }


def _shared_libraries() -> Iterator[tuple[str, str]]:
    """Versions of the libraries that shape and lay out text, without loading WeasyPrint."""
    pango = _loaded("libpango-1.0.so.0", "libpango-1.0.0.dylib", "libpango-1.0-0.dll")
    if pango:
        number: int = pango.pango_version()
        yield "Pango", f"{number // 10000}.{number // 100 % 100}.{number % 100}"
    harfbuzz = _loaded("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll")
    if harfbuzz:
        harfbuzz.hb_version_string.restype = ctypes.c_char_p
        yield "HarfBuzz", harfbuzz.hb_version_string().decode()


def _loaded(*names: str) -> ctypes.CDLL | None:
    """The library under the name that this system has for it."""
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
