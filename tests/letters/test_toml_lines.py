"""A fault in a TOML file is reported with the line on which its key is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from folders import CampaignFolder
from outreach_merge.definitions import LocalizedText
from outreach_merge.toml import lines_of_keys, read_definition


def test_a_key_that_stands_in_two_tables(campaign: CampaignFolder) -> None:
    campaign.write(
        "campaign.toml",
        campaign.read("campaign.toml")
        + """
[signatories.first]
name = "A. Specimen"
office = "President"
image_height_mm = 10

[signatories.second]
name = "B. Specimen"
office = "Secretary"
image_height_mm = "high"

[stamps.office]
image = "templates/stamps/office.svg"
description = "Stamp"
hieght_mm = 10
""",
    )
    lines = campaign.read("campaign.toml").splitlines()
    found = {p["column"]: p["row"] for p in campaign.problems() if p["row"]}
    assert found == {
        "signatories.second.image_height_mm": lines.index('image_height_mm = "high"') + 1,
        "stamps.office.hieght_mm": lines.index("hieght_mm = 10") + 1,
    }


def test_a_missing_key_is_reported_at_its_own_table(campaign: CampaignFolder) -> None:
    text = campaign.read("campaign.toml")
    more = '[stamps.one]\nimage = "a.svg"\n\n[stamps.two]\ndescription = "Two"\n'
    campaign.write("campaign.toml", f"{text}\n{more}")
    lines = campaign.read("campaign.toml").splitlines()
    found = {p["column"]: p["row"] for p in campaign.problems() if p["code"] == "missing-key"}
    assert found == {
        "stamps.one.description": lines.index("[stamps.one]") + 1,
        "stamps.two.image": lines.index("[stamps.two]") + 1,
    }


def test_a_missing_key_of_the_file_itself_has_no_line(campaign: CampaignFolder) -> None:
    text = campaign.read("letters/invitation.toml")
    kept = [line for line in text.splitlines() if not line.startswith("title =")]
    campaign.write("letters/invitation.toml", "\n".join([*kept, "[meeting]", 'title = "x"']))
    found = {p["column"]: p["row"] for p in campaign.problems() if p["code"] == "missing-key"}
    assert found["title"] is None


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: LocalizedText
    size: int = 0


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: list[Part] = []
    tables: dict[str, dict[str, Part]] = {}


@pytest.mark.parametrize(
    ("text", "column", "line"),
    [
        ('[[parts]]\nname = "a"\nsize = 1\n[[parts]]\nname = "b"\nsize = "x"', "parts.size", 6),
        ('[[parts]]\nname = "a"\n[[parts]]\nsize = 1', "parts.name", 3),
        ('[tables.a.b]\nname = "a"\n[tables.b.b]\nname = 1', "tables.b.b.name", 4),
        ('[tables]\na.b.name = "a"\nb.b.name = "b"\nb.b.size = "x"', "tables.b.b.size", 4),
        ('tables.a.b = { name = "a", size = 1 }\ntables.b.b = { name = "b", size = "x" }',
         "tables.b.b.size", 2),
        ('[tables.a]\nb = { name = "size = 1" }\n"c d" = { name = "c", size = "x" }',
         "tables.a.c d.size", 3),
        ('[tables.a.b]\nname = """\nsize = "x"\n"""\n# size = "x"\nsize = "x"',
         "tables.a.b.size", 6),
        ('parts = [\n  { name = "a" },\n]\n[tables.a.b]\r\nname = "\u2028"\r\nsize = "x"',
         "tables.a.b.size", 6),
    ],
)  # fmt: skip
def test_line_of_a_fault(text: str, column: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "document.toml"
    path.write_bytes(text.encode())
    (problem,) = read_definition(path, Document, "document.toml").problems
    assert (problem.column, problem.row) == (column, line)


def test_lines_of_nested_arrays_of_tables() -> None:
    text = """\
[[a]]
b = 1
[[a.c]]
d = 2
[[a.c]]
d = 3
[[a]]
[a.e.f]
g = [
  1,
]
[h]
i.j = 1
"""
    assert lines_of_keys(text) == {
        ("a",): 1,
        ("a", 0): 1,
        ("a", 0, "b"): 2,
        ("a", 0, "c"): 3,
        ("a", 0, "c", 0): 3,
        ("a", 0, "c", 0, "d"): 4,
        ("a", 0, "c", 1): 5,
        ("a", 0, "c", 1, "d"): 6,
        ("a", 1): 7,
        ("a", 1, "e"): 8,
        ("a", 1, "e", "f"): 8,
        ("a", 1, "e", "f", "g"): 9,
        ("a", 1, "e", "f", "g", 0): 9,
        ("h",): 12,
        ("h", "i"): 13,
        ("h", "i", "j"): 13,
    }
