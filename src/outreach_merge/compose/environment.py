"""The Jinja environment of a campaign's templates, and the TOML tables beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach_merge import catalogue
from outreach_merge.compose.faults import ComposeError, PlainUndefined
from outreach_merge.compose.loader import CampaignLoader, Compiled
from outreach_merge.toml import toml_fault

_LAYOUT = Path(__file__).parent.parent / "layout"


def make_environment(templates: Path, compiled: Compiled | None = None) -> jinja2.Environment:
    """An environment that finds templates in the campaign's folder, then in the program's.

    :param templates: the campaign's folder of templates; links must not lead out of the campaign.
    :param compiled: cache of compiled templates.
    """
    environment = ImmutableSandboxedEnvironment(
        loader=CampaignLoader([templates, _LAYOUT], [templates.parent, _LAYOUT]),
        autoescape=True,
        undefined=PlainUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled,
    )
    environment.filters["put"] = _put
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment


def read_table(templates: Path, name: str) -> Mapping[str, Any]:
    """A TOML file below ``templates``; empty when there is none.

    :raises ComposeError: it is not valid TOML.
    """
    path = templates / name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except UnicodeDecodeError as error:
        raise ComposeError(catalogue.NOT_UTF8.at(f"templates/{name}")) from error
    except tomllib.TOMLDecodeError as error:
        raise ComposeError(toml_fault(error, f"templates/{name}")) from error


def _put(text: str, **values: str) -> str:
    """``_("{place}, {date}")|put(place=..., date=...)``: lets a translation order its words."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
