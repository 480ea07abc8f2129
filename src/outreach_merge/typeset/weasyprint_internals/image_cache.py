"""Pictures kept between letters: a file is read once, an SVG interpreted once for each size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint.images import SVGImage, get_image_from_uri


class ImageCache:
    """The pictures of one campaign in one process, by address and the options they are read with.

    A picture that cannot be read is not kept: WeasyPrint is to say so for every letter.
    """

    def __init__(self) -> None:
        self._images: dict[tuple[Any, ...], Any] = {}

    def loader(self, fetcher: Any, options: Mapping[str, Any]) -> Callable[..., Any]:
        """``get_image_from_uri`` for one document.

        :param fetcher: reads the files.
        :param options: of ``Document.render``.
        """
        seen: dict[str, Any] = {}  # WeasyPrint reads an address once in a document

        def load(url: str, **how: Any) -> Any:
            if url not in seen:
                seen[url] = self._load(fetcher, options, url, how)
            return seen[url]

        return load

    def _load(
        self, fetcher: Any, options: Mapping[str, Any], url: str, how: Mapping[str, Any]
    ) -> Any:
        # An SVG keeps the layout context it is read in, which hands it fonts and pictures.
        key = (url, *sorted((name, value) for name, value in how.items() if name != "context"))
        image = self._images.get(key)
        if image is None:
            # A picture keeps what it is decoded to in the mapping it is given: one for each.
            image = get_image_from_uri({}, fetcher, options, url, **how)
            if isinstance(image, SVGImage):
                image = _CachedSVG(image)
            if image is not None:
                self._images[key] = image
        return image


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What an SVG adds to a page.

    :param operators: of the content stream.
    :param opacities: graphics states by name; the name says the opacity, so that a page may have
        the same one already.
    """

    operators: bytes
    opacities: dict[str, pydyf.Dictionary]


class _CachedSVG:
    """An SVG, with what it draws at each size.

    Only what needs nothing of the page but opacities is kept: an SVG with a gradient, a mask or a
    font is interpreted each time.
    """

    def __init__(self, image: SVGImage) -> None:
        self._image = image
        self._drawings: dict[tuple[float, float], _Drawing | None] = {}

    def get_intrinsic_size(self, *arguments: Any) -> Any:
        return self._image.get_intrinsic_size(*arguments)

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        size = (width, height)
        if size not in self._drawings:
            self._drawings[size] = self._record(stream, width, height, style)
        drawing = self._drawings[size]
        if drawing is None:
            self._image.draw(stream, width, height, style)
            return
        for name, state in drawing.opacities.items():
            stream._resources["ExtGState"].setdefault(name, state)
        with stream.stacked():
            stream.stream.append(drawing.operators)

    def _record(self, stream: Any, width: float, height: float, style: Any) -> _Drawing | None:
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
        return _Drawing(b"\n".join(_as_bytes(operator) for operator in page.stream), states)


def _as_bytes(operator: Any) -> bytes:
    return operator if isinstance(operator, bytes) else str(operator).encode("ascii")
