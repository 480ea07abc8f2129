"""Letters that must be right: one CSV of recipients, one signed PDF a recipient."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("outreach-merge")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
