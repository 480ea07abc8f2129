"""Pictures that letters share: an SVG is drawn once and copied into every further letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint.images import SVGImage


class Pictures(dict[str, Any]):
    """The cache of pictures that WeasyPrint asks for by URL; drawings in it are drawn once."""

    def __setitem__(self, url: str, image: Any) -> None:
        super().__setitem__(url, _Drawing(image) if isinstance(image, SVGImage) else image)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a drawing adds to a page.

    :param opacities: graphics states by name; the name says the opacity, so that a page may have
        the same one already.
    """

    steps: bytes
    opacities: dict[str, pydyf.Dictionary]


class _Drawing:
    """An SVG, with what it draws at each size.

    Only plain drawings are kept: one that needs more of the page than opacities (a gradient, a
    mask, a font) is drawn anew each time.
    """

    def __init__(self, image: SVGImage) -> None:
        self._image = image
        self._drawn: dict[tuple[float, float], _Drawn | None] = {}

    def get_intrinsic_size(self, *arguments: Any) -> Any:
        return self._image.get_intrinsic_size(*arguments)

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        size = (width, height)
        if size not in self._drawn:
            self._drawn[size] = self._record(stream, width, height, style)
        drawn = self._drawn[size]
        if drawn is None:
            self._image.draw(stream, width, height, style)
            return
        for name, state in drawn.opacities.items():
            stream._resources["ExtGState"].setdefault(name, state)
        with stream.stacked():
            stream.stream.append(drawn.steps)

    def _record(self, stream: Any, width: float, height: float, style: Any) -> _Drawn | None:
        resources = pydyf.Dictionary(
            {name: pydyf.Dictionary() for name in ("ExtGState", "XObject", "Pattern", "Shading")}
        )
        resources["ColorSpace"] = stream._resources["ColorSpace"]
        fonts: dict[Any, Any] = {}
        page = stream.clone(resources=resources, fonts=fonts)
        self._image.draw(page, width, height, style)
        states = dict(resources["ExtGState"])
        named_by_value = all(name[:1] in "aA" for name in states)
        others = any(resources[name] for name in ("XObject", "Pattern", "Shading"))
        if fonts or others or not named_by_value:
            return None
        return _Drawn(b"\n".join(_as_bytes(step) for step in page.stream), states)


def _as_bytes(step: Any) -> bytes:
    return step if isinstance(step, bytes) else str(step).encode("ascii")
