"""A loader that refuses links out of the campaign, and a cache of compiled templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class CampaignLoader(jinja2.FileSystemLoader):
    """Templates of the campaign and of the program; a link that leads out of them is refused.

    :param folders: where templates are looked for, first match wins.
    :param roots: folders that must contain a template after links are resolved.
    """

    def __init__(self, folders: Sequence[Path], roots: Sequence[Path]) -> None:
        super().__init__([str(folder) for folder in folders])
        self._roots = tuple(root.resolve() for root in roots)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """:raises jinja2.TemplateRuntimeError: the template lies outside."""
        found = super().get_source(environment, template)
        path = Path(found[1]).resolve()
        if not any(path.is_relative_to(root) for root in self._roots):
            raise jinja2.TemplateRuntimeError(
                f"templates/{template} is a link that leads out of the campaign folder"
            )
        return found


class Compiled(jinja2.BytecodeCache):
    """Compiled templates in memory; Jinja looks them up by path and checks the text's hash."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()
