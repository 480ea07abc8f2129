"""Pages that the program itself makes: a Jinja template of this folder and variables -> HTML."""

from __future__ import annotations

import base64
from functools import lru_cache

import jinja2

from outreach_merge.wording import counted

__all__ = ["render_page"]


def render_page(template: str, **variables: object) -> str:
    """The HTML that ``template`` makes of ``variables``; every text in it is escaped.

    :param template: name of a file in this folder.
    :raises jinja2.UndefinedError: the template names a variable that is not given.
    """
    return _environment().get_template(template).render(variables)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = counted
    environment.filters["png"] = _png
    return environment


def _png(picture: bytes) -> str:
    """The address of a picture that stands in the page itself (RFC 2397)."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
