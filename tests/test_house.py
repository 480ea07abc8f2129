"""Which room may import which, and which rooms may import an outside engine.

A room is a module or a folder directly below ``src/outreach_merge``. The tests read every import
statement, also those within functions and below ``if TYPE_CHECKING``, with the one exception
that ``errors`` names ``model.Problem`` for the type checker.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "outreach_merge"
SOURCE = Path(__file__).resolve().parents[1] / "src" / PACKAGE

#: Room -> the rooms it may import; the section "Which way imports go" of ARCHITECTURE.md shows
#: the same table.
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "wording": set(),
    "model": set(),
    "page_geometry": set(),
    "files": {"errors"},
    "definitions": {"model"},
    "font_subsets": {"errors", "files"},
    "calendar_file": {"model"},
    "pictures": set(),
    "sign": {"errors"},
    "html_pages": {"wording"},
    "catalogue": {"model"},
    "toml": {"catalogue", "model", "wording"},
    "protocol": {"catalogue", "errors", "model"},
    "enclose": {"catalogue", "model"},
    "plan": {"catalogue", "definitions", "model"},
    "letters": {"catalogue", "definitions", "files", "model", "protocol", "toml"},
    "starter": {"definitions", "errors", "files", "model", "protocol"},
    "recipients": {"catalogue", "files", "model", "protocol", "wording"},
    "compose": {
        "catalogue", "definitions", "errors", "files", "model", "protocol", "toml", "wording",
    },
    "typeset": {"catalogue", "definitions", "files", "font_subsets", "model", "page_geometry"},
    "register": {"catalogue", "errors", "files", "model", "protocol", "wording"},
    "dispatch_log": {"errors", "register"},
    "campaign": {
        "catalogue", "definitions", "errors", "letters", "model", "protocol", "recipients",
        "toml",
    },
    "report": {
        "campaign", "catalogue", "compose", "definitions", "model", "plan", "protocol",
        "register", "typeset",
    },
    "preflight": {"catalogue", "html_pages", "model", "page_geometry", "wording"},
    "press": {
        "calendar_file", "campaign", "catalogue", "compose", "definitions", "enclose",
        "errors", "files", "font_subsets", "html_pages", "model", "page_geometry", "pictures",
        "plan", "preflight", "protocol", "register", "sign", "typeset", "wording",
    },
    "cli": {
        "campaign", "catalogue", "compose", "definitions", "dispatch_log", "errors", "files",
        "model", "pictures", "preflight", "press", "protocol", "recipients", "register",
        "report", "sign", "starter", "typeset", "wording",
    },
}  # fmt: skip

#: Imports for the type checker alone, below ``if TYPE_CHECKING``: they may close a circle.
TYPE_CHECKING_ARROWS = {("errors", "model")}

#: Outside engine -> the rooms, or packages in a room, that may know it.
ENGINES: dict[str, set[str]] = {
    "pandas": {"recipients"},
    "jinja2": {"compose", "html_pages"},
    "babel": {"protocol"},
    "weasyprint": {"typeset"},
    "pydyf": {"typeset"},
    "cssselect2": {"typeset"},
    "uharfbuzz": {"font_subsets"},
    "pyhanko": {"sign"},
    "pyhanko_certvalidator": {"sign"},
    "cryptography": {"sign"},
    "pikepdf": {"enclose", "preflight", "sign"},
    "sqlalchemy": {"register"},
    "alembic": {"register"},
    "psycopg": {"register"},
    "pypdfium2": {"pictures"},
    "xlsxwriter": {"dispatch_log"},
    "icalendar": {"calendar_file"},
    "markdown_it": {"report"},
    "svg": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    "watchfiles": {"cli"},
    "dask": {"press/cluster"},
    "distributed": {"press/cluster"},
}

#: Engines that a second room imports too, and why.
MEANT_ENGINES: dict[tuple[str, str], str] = {
    ("press", "cryptography"): "a certificate goes from the campaign to the signing room as it is",
    ("cli", "cryptography"): "as above: the command hands on which certificates are trusted",
}


@dataclass(frozen=True)
class Import:
    room: str
    module: str
    where: str

    @property
    def target(self) -> str:
        """The room of ours that is imported; empty for somebody else's module."""
        parts = self.module.split(".")
        own = parts[0] == PACKAGE and len(parts) > 1 and parts[1] != "__version__"
        return parts[1] if own else ""


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The room a file stands in; empty for the package's own door."""
    parts = path.relative_to(SOURCE).parts
    room = parts[0].removesuffix(".py")
    return "" if room in ("__init__", "__main__") else room


def modules(node: ast.AST, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level:
            folder = path.relative_to(SOURCE.parent).parts[: -node.level]
            module = ".".join([*folder, *filter(None, [module])])
        # `from outreach_merge import plan` names a room as well.
        own = module == PACKAGE
        yield from (f"{module}.{alias.name}" for alias in node.names) if own else (module,)


def imports(path: Path, tree: ast.AST) -> Iterator[Import]:
    for node in ast.walk(tree):
        for module in modules(node, path):
            line = getattr(node, "lineno", 0)
            where = f"{path.relative_to(SOURCE.parent)}:{line}"
            yield Import(room_of(path), module, where)


def all_imports() -> list[Import]:
    return [
        found
        for path in sources()
        for found in imports(path, ast.parse(path.read_text(encoding="utf-8")))
    ]


def arrows() -> dict[tuple[str, str], str]:
    """Every import of one room by another, with the place of one such statement."""
    return {
        (found.room, found.target): found.where
        for found in all_imports()
        if found.room and found.target and found.room != found.target
    }


def test_every_room_is_in_the_table() -> None:
    rooms = {room_of(path) for path in sources()} - {""}
    assert rooms == ARROWS.keys(), "mend ARROWS of tests/test_house.py and ARCHITECTURE.md"


def test_rooms_import_what_the_table_allows() -> None:
    wrong = [
        f"{where}: {room} imports {target}, which ARROWS does not allow"
        for (room, target), where in arrows().items()
        if target not in ARROWS[room] and (room, target) not in TYPE_CHECKING_ARROWS
    ]
    assert not wrong, "\n".join(wrong)


def test_every_arrow_of_the_table_is_needed() -> None:
    allowed = {(room, target) for room, targets in ARROWS.items() for target in targets}
    unused = (allowed | TYPE_CHECKING_ARROWS) - arrows().keys()
    assert not unused, f"remove from ARROWS and ARCHITECTURE.md: {sorted(unused)}"


def test_the_table_has_no_circle() -> None:
    """:raises graphlib.CycleError: with the rooms that import each other."""
    assert len(list(graphlib.TopologicalSorter(ARROWS).static_order())) == len(ARROWS)


def test_no_modules_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    names = {module_name(path) for path in sources()}
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name != "__init__.py":  # it re-exports the room's modules
            imported = {found.module for found in imports(path, tree)} & names
            graph[module_name(path)] = imported - {module_name(path), PACKAGE}
    assert list(graphlib.TopologicalSorter(graph).static_order())


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def test_architecture_shows_the_table() -> None:
    text = (SOURCE.parents[1] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("### Which way imports go")[1].split("\n## ")[0]
    shown = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, flags=re.MULTILINE))
    assert {room: set(re.findall(r"\w+", targets)) for room, targets in shown.items()} == ARROWS


def test_errors_need_nothing_when_they_run() -> None:
    tree = ast.parse((SOURCE / "errors.py").read_text(encoding="utf-8"))
    running = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [module for node in running for module in modules(node, SOURCE / "errors.py")]
    assert not [module for module in ours if module.startswith(PACKAGE)]


def test_each_engine_lives_in_its_room() -> None:
    wrong = [
        f"{found.where}: {found.room} knows {engine}, which lives in {sorted(ENGINES[engine])}"
        for found in all_imports()
        if (engine := found.module.partition(".")[0]) in ENGINES
        and not any(found.where.startswith(f"{PACKAGE}/{place}") for place in ENGINES[engine])
        and (found.room, engine) not in MEANT_ENGINES
    ]
    assert not wrong, "\n".join(wrong)


def test_engines_known_in_a_second_room_are_imported_there() -> None:
    engines = {(entry.room, entry.module.partition(".")[0]) for entry in all_imports()}
    assert not [excuse for excuse in MEANT_ENGINES if excuse not in engines]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if room_of(path) in ("cli", ""):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    loud = {"print", "sys.exit", "exit", "quit", "sys.stdout.write", "sys.stderr.write"}
    assert not loud.intersection(calls), f"{path}: yield results; the command line prints them"


def test_imports_within_functions_and_relative_ones_are_read(tmp_path: Path) -> None:
    file = SOURCE / "plan.py"  # where it would stand
    tree = ast.parse("def f():\n    from outreach_merge import press\n    import weasyprint\n")
    found = list(imports(file, tree))
    assert [(entry.room, entry.target) for entry in found] == [("plan", "press"), ("plan", "")]
    assert "press" not in ARROWS["plan"]
    relative = ast.parse("from .press import Press\nfrom . import cli\n")
    assert [entry.target for entry in imports(file, relative)] == ["press", "cli"]
