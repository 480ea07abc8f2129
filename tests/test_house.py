"""The house's walls: who may import whom, and where each outside engine lives.

ARCHITECTURE.md draws the house; this reads the imports and fails on any other arrow. Imports
within a function count as well: they are loaded late, and they are still arrows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "outreach_merge"
SOURCE = Path(__file__).resolve().parents[1] / "src" / PACKAGE

#: Rank -> rooms. A room may import rooms of a lower rank, and no other.
RANKS: dict[int, set[str]] = {
    0: {"errors", "wording"},
    1: {"model", "page_geometry"},
    2: {"catalogue", "files"},
    3: {"definitions", "font_subsets", "toml"},
    4: {"font_subsets", "protocol"},
    5: {
        "calendar_file", "compose", "dispatch_log", "enclose", "letters", "pictures", "plan",
        "preflight", "recipients", "register", "sign", "starter", "typeset",
    },
    6: {"campaign"},
    7: {"press", "report"},
    8: {"cli", "desk"},
}  # fmt: skip
RANK = {room: rank for rank, rooms in RANKS.items() for room in rooms}

#: Arrows between rooms of one rank that are meant, and why.
MEANT = {
    ("dispatch_log", "register"): "the log is a view of the register's events",
}

#: Outside engine -> the rooms that may know it.
ENGINES: dict[str, set[str]] = {
    "pandas": {"recipients", "dispatch_log", "report"},
    "country_converter": {"recipients"},
    "jinja2": {"compose"},
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
    "openpyxl": {"dispatch_log", "recipients", "report"},
    "icalendar": {"calendar_file"},
    "markdown_it": {"report"},
    "svg": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    "watchfiles": {"cli", "desk"},
    "starlette": {"desk"},
    "uvicorn": {"desk"},
    "dask": {"press"},
    "distributed": {"press"},
}

#: Engines known in a second room with good reason.
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
        return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


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


def test_every_room_has_its_place() -> None:
    rooms = {room_of(path) for path in sources()} - {""}
    strangers = rooms - RANK.keys()
    assert not strangers, (
        f"place {sorted(strangers)} in RANKS of tests/test_house.py and in ARCHITECTURE.md: "
        "which rooms may it import, and which may import it?"
    )


def test_arrows_point_one_way() -> None:
    wrong = [
        f"{found.where}: {found.room} (rank {RANK[found.room]}) imports "
        f"{found.target} (rank {RANK[found.target]})"
        for found in all_imports()
        if found.room in RANK
        and found.target in RANK
        and found.target != found.room
        and RANK[found.target] >= RANK[found.room]
        and (found.room, found.target) not in MEANT
    ]
    # errors.py names model's Problem for the type checker alone.
    wrong = [arrow for arrow in wrong if not arrow.startswith(f"{PACKAGE}/errors.py")]
    assert not wrong, "\n".join(wrong)


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
        and found.room not in ENGINES[engine]
        and (found.room, engine) not in MEANT_ENGINES
    ]
    assert not wrong, "\n".join(wrong)


def test_what_is_excused_still_happens() -> None:
    found = {(entry.room, entry.target) for entry in all_imports()}
    engines = {(entry.room, entry.module.partition(".")[0]) for entry in all_imports()}
    assert not [excuse for excuse in MEANT if excuse not in found]
    assert not [excuse for excuse in MEANT_ENGINES if excuse not in engines]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if room_of(path) in ("cli", "desk", ""):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    loud = {"print", "sys.exit", "exit", "quit", "sys.stdout.write", "sys.stderr.write"}
    assert not loud.intersection(calls), f"{path}: yield results; the command line prints them"


def test_an_arrow_the_wrong_way_is_seen(tmp_path: Path) -> None:
    file = SOURCE / "plan.py"  # where it would stand
    tree = ast.parse("def f():\n    from outreach_merge import press\n    import weasyprint\n")
    found = list(imports(file, tree))
    assert [(entry.room, entry.target) for entry in found] == [("plan", "press"), ("plan", "")]
    assert RANK["press"] > RANK["plan"]
    relative = ast.parse("from .press import Press\nfrom . import cli\n")
    assert [entry.target for entry in imports(file, relative)] == ["press", "cli"]
