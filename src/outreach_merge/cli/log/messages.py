"""Texts that the commands of ``log`` print."""

from __future__ import annotations

from collections.abc import Mapping


def details_text(details: Mapping[str, object]) -> str:
    """The details of an event: ``to: Chief of Protocol; place: Nairobi``."""
    return "; ".join(
        f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in details.items()
    )


def _plain(value: object) -> str:
    if value is True:
        return "yes"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
