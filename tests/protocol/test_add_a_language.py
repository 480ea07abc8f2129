"""A language is added by files alone, and an incomplete one is refused with what it lacks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from folders import ROOT, CampaignFolder

ENGLISH = ROOT / "src" / "outreach_merge" / "protocol" / "languages" / "en"
#: A text of the program's, as its translations are asked for.
ENCLOSURE = '"Enclosure: {title}"'
BODY = """{% extends "letter.html" %}
{% block body %}
<p>Mi havas la honoron inviti {{ state.the }}.</p>
{% endblock %}
"""


@pytest.fixture
def esperanto(make_campaign: Callable[..., CampaignFolder]) -> CampaignFolder:
    """A campaign with a language of its own: a copy of English under another code."""
    folder = make_campaign({"state": "KEN", "language": "eo"})
    shutil.copytree(ENGLISH, folder.file("languages/eo"))
    folder.replace("languages/eo/language.toml", 'name = "English"', 'name = "Esperanto"')
    folder.replace("campaign.toml", 'languages = ["en", "fr"]', 'languages = ["en", "fr", "eo"]')
    for file in ("campaign.toml", "letters/invitation.toml"):
        text = folder.read(file)
        folder.write(file, text.replace("{ en =", '{ eo = "Esperante", en ='))
    folder.write("templates/invitation/eo.html", BODY)
    return folder


def test_a_language_of_the_campaign_needs_no_python(esperanto: CampaignFolder) -> None:
    esperanto.ok("check")
    text = esperanto.ok("preview", "invitation", "KEN", "--text").out
    assert "Mi havas la honoron inviti Kenya." in text
    esperanto.ok("generate", "--jobs", "1")
    assert [path.name for path in esperanto.pdfs()] == ["KEN-head_of_state-eo.pdf"]


@pytest.mark.parametrize("name", ["language.toml", "states.csv", "offices.toml", "messages.po"])
def test_a_missing_file_is_named(esperanto: CampaignFolder, name: str) -> None:
    esperanto.file(f"languages/eo/{name}").unlink()
    done = esperanto("check")
    assert done.code == 3
    assert f"languages/eo/{name}" in done.err


def test_everything_that_is_missing_is_listed_at_once(esperanto: CampaignFolder) -> None:
    offices = esperanto.read("languages/eo/offices.toml")
    esperanto.write(
        "languages/eo/offices.toml", offices.replace("[offices.president]", "[offices.nobody]")
    )
    states = esperanto.read("languages/eo/states.csv").splitlines()
    without_kenya = [line for line in states if not line.startswith("KEN,")]
    esperanto.write("languages/eo/states.csv", "\n".join(without_kenya))
    esperanto.file("templates/invitation/eo.html").unlink()
    done = esperanto("check")
    assert done.code == 3
    assert "templates/invitation/eo.html" in done.err
    assert "KEN" in done.err
    assert "states.csv" in done.err


def test_a_missing_form_names_file_and_column(esperanto: CampaignFolder) -> None:
    text = esperanto.read("languages/eo/language.toml")
    esperanto.write("languages/eo/language.toml", text.replace('of = "', 'of_course = "'))
    done = esperanto("check")
    assert done.code == 3
    assert Path("languages/eo/language.toml").as_posix() in done.err
    assert '"of"' in done.err


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "said"),
    [
        ("language.toml", "full = ", "ful = ", "dates.full", '[dates] has no "full"'),
        ("language.toml", 'full = "{day}', 'full = "{dy}', "dates.full", "{dy}"),
        ("language.toml", 'cldr = "', 'cldr = "zz-', "cldr", "CLDR has no locale"),
        ("language.toml", 'direction = "ltr"', "direction = 5", "direction", "is not a text"),
        ("language.toml", 'direction = "ltr"', 'direction = "left"', "direction", "ltr or rtl"),
        ("language.toml", "[state_forms]", "[forms]", "state_forms", "[state_forms]"),
        ("offices.toml", "[ranks.", "[rank.", "ranks", "[ranks.<code>]"),
        ("states.csv", "formal,", "formel,", "", 'the column "formal" is missing'),
        ("states.csv", "iso3,", "iso,", "", 'the column "iso3" is missing'),
        ("states.csv", "CIV,", "\udce9,", "", "UTF-8"),
        ("messages.po", f"msgstr {ENCLOSURE}", 'msgstr ""', "", f"{ENCLOSURE} is not translated"),
        ("messages.po", f"msgstr {ENCLOSURE}", "", "", "Correct or restore"),
    ],
)
def test_a_fault_in_a_language_is_named_where_it_is(
    esperanto: CampaignFolder, file: str, old: str, new: str, where: str, said: str
) -> None:
    text = esperanto.read(f"languages/eo/{file}")
    assert old in text
    # Every place, but in tables the header alone.
    changed = text.replace(old, new, 1 if file == "states.csv" else -1)
    esperanto.write(f"languages/eo/{file}", changed.encode("utf-8", "surrogateescape"))
    found = [p for p in esperanto.problems() if p["file"].endswith(f"languages/eo/{file}")]
    assert [p for p in found if where in p["column"] and said in p["message"] + p["remedy"]], found
    assert not [p for p in esperanto.problems() if p["file"].startswith("templates/")]
