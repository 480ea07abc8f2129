"""What a page depends on besides its HTML and its fonts."""

from __future__ import annotations

import platform
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from outreach_merge.typeset.weasyprint_internals.library_loading import pango_version

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
        "Pango": pango_version(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
