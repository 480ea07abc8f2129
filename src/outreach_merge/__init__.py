"""Letters that must be right: one CSV of recipients, one signed PDF a recipient."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """``__version__``, looked up when it is asked for: that takes as long as half of ``--help``."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("outreach-merge")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+unknown"
