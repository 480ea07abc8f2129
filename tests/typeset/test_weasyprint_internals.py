"""Undocumented parts of WeasyPrint and pydyf are touched in one folder, and are as they were."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from pathlib import Path
from pydoc import locate
from typing import Any

from outreach_merge.typeset.weasyprint_internals.private_names import (
    ATTRIBUTES,
    MODULES,
    OVERRIDDEN,
)

SOURCE = Path(__file__).resolve().parents[2] / "src" / "outreach_merge"
FOLDER = SOURCE / "typeset" / "weasyprint_internals"
DIGESTS = Path(__file__).parent / "weasyprint_sources.json"
#: What WeasyPrint's and pydyf's documentation names.
DOCUMENTED = {"weasyprint", "pydyf", "weasyprint.text.fonts", "weasyprint.urls"}
PRIVATE_ATTRIBUTES = frozenset().union(*ATTRIBUTES.values())


def source_digest(name: str) -> str:
    found: Any = locate(name)
    code = getattr(found, "fget", found)  # of a property
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:16]


def imported_modules(path: Path) -> set[str]:
    """Modules of WeasyPrint and pydyf that a file imports from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.partition(".")[0] in ("weasyprint", "pydyf")}


def private_attributes(path: Path) -> set[str]:
    """Attributes with a leading underscore that a file uses and does not itself define."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    own = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("self", "cls")
    }
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {name for name in used - own if name.startswith("_") and not name.startswith("__")}


def test_sources_are_those_this_was_written_for() -> None:
    pinned = json.loads(DIGESTS.read_text(encoding="utf-8"))
    print(f"{len(OVERRIDDEN)} functions and classes, {len(PRIVATE_ATTRIBUTES)} attributes")  # noqa: T201
    assert pinned.keys() == OVERRIDDEN.keys()
    changed = [
        f"{name} is {how}: compare its source in the two versions, mend that module, "
        f'and put "{source_digest(name)}" for it into {DIGESTS.name}'
        for name, how in OVERRIDDEN.items()
        if source_digest(name) != pinned[name]
    ]
    assert not changed, "\n".join(changed)


def test_other_folders_use_documented_modules_only() -> None:
    files = [path for path in SOURCE.rglob("*.py") if FOLDER not in path.parents]
    wrong = {str(path): names for path in files if (names := imported_modules(path) - DOCUMENTED)}
    assert not wrong, "move this to typeset/weasyprint_internals"


def test_other_files_of_the_room_use_no_private_attribute() -> None:
    files = list((SOURCE / "typeset").glob("*.py"))
    wrong = {path.name: names for path in files if (names := private_attributes(path))}
    assert not wrong, "move this to typeset/weasyprint_internals"


def test_the_list_names_every_module_and_attribute_that_is_touched() -> None:
    modules = set().union(*(imported_modules(path) for path in FOLDER.glob("*.py")))
    assert modules - {"weasyprint", "pydyf"} == MODULES
    for path in FOLDER.glob("*.py"):
        assert private_attributes(path) <= PRIVATE_ATTRIBUTES, path.name
