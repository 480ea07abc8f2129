"""Names of states: which are found, which are refused, and what is said of them.

``state_spellings.csv`` and ``no_states.csv`` are lists of what people write; they were written
before the program's own tables of aliases.
"""

from __future__ import annotations

import csv
import logging
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel import Locale

from folders import ROOT, CampaignFolder, command
from outreach_merge.protocol import Protocol

MakeCampaign = Callable[..., CampaignFolder]

HERE = Path(__file__).parent
DATA = ROOT / "src" / "outreach_merge" / "protocol"
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh", "pt")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.load()


def codes() -> dict[str, str]:
    """ISO 3166 alpha-3 -> alpha-2 of the program's states."""
    return {row["iso3"]: row["iso2"] for row in rows(DATA / "states.csv")}


def names() -> set[tuple[str, str]]:
    """Pairs of state and name: CLDR's, and the short and formal names of the program's tables."""
    found = set()
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        found |= {(iso3, territories[iso2]) for iso3, iso2 in codes().items()}
        for row in rows(DATA / "languages" / language / "states.csv"):
            found |= {(row["iso3"], row[column]) for column in ("name", "formal") if row[column]}
    return found


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def spellings(name: str) -> Iterator[str]:
    """A name as people type it."""
    yield name
    yield f"  {name} "
    yield name.upper()
    yield name.lower()
    yield unicodedata.normalize("NFD", name)
    yield without_accents(name)
    yield name.replace("’", "'").replace("-", " ")
    yield name.replace("'", "’").replace(" ", "-")


def misjudged(
    protocol: Protocol, pairs: set[tuple[str, str]]
) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Names that were not found, and names that were taken for another state."""
    found = [(state, text, protocol.find_state(text).iso3) for state, text in sorted(pairs)]
    missing = [text for _, text, iso3 in found if not iso3]
    return missing, [entry for entry in found if entry[2] not in ("", entry[0])]


def test_every_name_in_the_languages_of_the_program(protocol: Protocol) -> None:
    pairs = {(state, text) for state, name in names() for text in spellings(name)}
    pairs |= {
        (state, str(getattr(forms, form)))
        for language in LANGUAGES
        for state in codes()
        for forms in (protocol.state(state, language).short, protocol.state(state, language).formal)
        for form in ("name", "the")
    }
    assert len(pairs) > 8000
    missing, wrong = misjudged(protocol, pairs)
    assert not wrong
    assert len(missing) <= len(pairs) * 0.02, missing


def test_usual_spellings(protocol: Protocol) -> None:
    pairs = {(row["state"], row["spelling"]) for row in rows(HERE / "state_spellings.csv")}
    assert len(pairs) > 1000
    missing, wrong = misjudged(protocol, pairs)
    assert not wrong
    assert len(missing) <= len(pairs) * 0.02, missing


@pytest.mark.parametrize(
    "name", [pytest.param(row["name"], id=row["name"]) for row in rows(HERE / "no_states.csv")]
)
def test_what_is_no_state_is_refused_with_a_reason(protocol: Protocol, name: str) -> None:
    found = protocol.find_state(name)
    assert not found.iso3
    assert found.problem is not None
    assert found.problem.code in ("unknown-state", "not-a-state")
    assert f'"{name}"' in found.problem.message
    assert found.problem.remedy


def test_a_suggestion_is_never_the_word_that_was_refused(protocol: Protocol) -> None:
    for row in rows(HERE / "no_states.csv"):
        problem = protocol.find_state(row["name"]).problem
        assert problem is not None
        if "Did you mean" in problem.remedy:
            suggested = problem.remedy.split('"')[1]
            assert suggested.casefold() != row["name"].casefold()
            assert protocol.find_state(suggested).iso3, suggested


def test_a_part_of_a_name_finds_no_state_but_one_of_that_name(protocol: Protocol) -> None:
    known = {(state, comparable(text)) for state, text in names()}
    known |= {("SDN", "republic sudan"), ("SDN", "república sudán")}
    known |= {("SDN", "república sudão"), ("SDN", "république soudan")}
    known.add(("NAM", "nam"))  # a code, though a part of "Việt Nam"
    wrong = []
    for state, name in sorted(names())[::2]:
        words = name.split()
        for at in range(len(words)):
            text = " ".join([*words[:at], *words[at + 1 :]])
            found = protocol.find_state(text).iso3
            if found not in ("", state) and (found, comparable(text)) not in known:
                wrong.append((state, text, found))
    assert not wrong


def comparable(name: str) -> str:
    """A name without what links its words: "Soudan du", of "Soudan du Sud", is "Soudan"."""
    linking = {"-", "of", "the", "de", "del", "du", "do", "da"}
    return " ".join(word for word in name.casefold().split() if word not in linking)


def test_words_in_another_order_find_no_other_state(protocol: Protocol) -> None:
    wrong = []
    for state, name in sorted(names())[::2]:
        text = " ".join(reversed(name.split()))
        if protocol.find_state(text).iso3 not in ("", state):
            wrong.append((state, text))
    assert not wrong


@pytest.mark.parametrize("name", ["Leone Sierra", "Zealand New", "Sudan South", "Korea North of"])
def test_words_in_another_order_are_no_name(protocol: Protocol, name: str) -> None:
    assert not protocol.find_state(name).iso3


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Korea", {"KOR", "PRK"}),
        ("corée", {"KOR", "PRK"}),
        ("Корея", {"KOR", "PRK"}),
        ("كوريا", {"KOR", "PRK"}),
        ("Rhodesia", {"ZMB", "ZWE"}),
        ("Guiana", {"GUY", "GUF"}),
        ("Virgin Islands", {"VGB", "VIR"}),
        ("The Virgin Islands", {"VGB", "VIR"}),
        ("Saint Martin", {"MAF", "SXM"}),
        ("St. Martin", {"MAF", "SXM"}),
    ],
)
def test_a_name_of_several_lists_them(protocol: Protocol, name: str, candidates: set[str]) -> None:
    found = protocol.find_state(name)
    assert (found.iso3, set(found.candidates)) == ("", candidates)
    assert found.problem is not None
    assert found.problem.code == "ambiguous-state"
    assert all(f"({code})" in found.problem.message for code in candidates)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Congo", "COG"), ("Guinea", "GIN"), ("Niger", "NER"), ("Samoa", "WSM"),
        ("République dominicaine", "DOM"), ("Dominique", "DMA"), ("Guinea Ecuatorial", "GNQ"),
        ("Dominica", "DMA"), ("Ireland", "IRL"), ("Micronesia", "FSM"), ("Palestine", "PSE"),
    ],
)  # fmt: skip
def test_names_that_resemble_others(protocol: Protocol, name: str, state: str) -> None:
    assert protocol.find_state(name).iso3 == state


def test_codes(protocol: Protocol) -> None:
    for iso3, iso2 in codes().items():
        for code in (iso3, iso2, iso3.lower(), iso2.lower(), f" {iso3} "):
            assert protocol.find_state(code).iso3 == iso3
    assert protocol.find_state("NA").iso3 == "NAM"


@pytest.mark.parametrize("code", ["HK", "TW", "TWN", "pr", "XK", "EU"])
def test_codes_of_what_is_no_state(protocol: Protocol, code: str) -> None:
    problem = protocol.find_state(code).problem
    assert problem is not None
    assert problem.code == "not-a-state"


def test_every_row_of_the_table_of_aliases_means_what_it_says(protocol: Protocol) -> None:
    table = rows(DATA / "state_aliases.csv")
    assert len({row["name"] for row in table}) == len(table)
    for row in table:
        states = row["states"].split()
        found = protocol.find_state(row["name"])
        assert list(found.candidates) == states, row
        if row["use"] in ("usual", "former"):
            assert [found.iso3] == states, row
            continue
        assert found.problem is not None, row
        if row["use"] == "ambiguous":
            assert (found.problem.code, len(states) > 1) == ("ambiguous-state", True), row
        else:
            assert row["use"] == "not_a_state"
            assert row["note"], row
            assert row["note"] in found.problem.message
            assert set(states) <= codes().keys()


# languages of a campaign


def campaign_with_language(folder: Path, code: str, cldr: str) -> Protocol:
    target = folder / "languages" / code
    shutil.copytree(DATA / "languages" / "en", target)
    settings = target / "language.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('cldr = "en-GB"', f'cldr = "{cldr}"'), encoding="utf-8")
    return Protocol.load(folder)


def test_names_in_a_language_of_the_campaign(tmp_path: Path, protocol: Protocol) -> None:
    assert not protocol.find_state("Deutschland").iso3
    assert campaign_with_language(tmp_path, "de", "de").find_state("Deutschland").iso3 == "DEU"


def test_a_language_with_a_fault_does_not_hide_the_names_of_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    protocol = campaign_with_language(tmp_path, "de", "there-is-none")
    with caplog.at_level(logging.WARNING):
        assert protocol.find_state("KEN").iso3 == "KEN"
        assert not caplog.records, "names are read for a code"
        assert protocol.find_state("Côte d'Ivoire").iso3 == "CIV"
    assert ["in de are not known" in record.getMessage() for record in caplog.records] == [True]


# the command line


def test_cells(make_campaign: MakeCampaign) -> None:
    written = {
        "République dominicaine": "DOM", "Guinea Ecuatorial": "GNQ", "Congo (Democratic Republic of the)": "COD",
        "Кот-д’Ивуар": "CIV", "جمهورية كوريا": "KOR", "斯威士兰": "SWZ", "burma": "MMR", "UK": "GBR",
    }  # fmt: skip
    campaign = make_campaign(*({"state": name, "id": f"r{n}"} for n, name in enumerate(written)))
    done = campaign.ok("protocol", "--language", "en", "--json").json()
    found = {row["recipient"]: row["short"]["name"] for row in done}
    assert len(found) == len(written)
    from outreach_merge.campaign import read_campaign

    read = read_campaign(campaign.path)
    assert [recipient.state for recipient in read.recipients] == list(written.values())


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("Korea", "ambiguous-state", "Write KOR or PRK."),
        ("Somaliland", "not-a-state", "members of the United Nations"),
        ("England", "not-a-state", "write GBR"),
        ("Hong Kong", "not-a-state", "write CHN"),
        ("Gambai", "unknown-state", 'Did you mean "Gambia"?'),
    ],
)
def test_a_cell_that_names_no_one_state(
    make_campaign: MakeCampaign, cell: str, code: str, said: str
) -> None:
    campaign = make_campaign({"state": "KEN"}, {"state": cell, "id": "second"})
    problem = campaign.problem(code)
    assert (problem["file"], problem["row"], problem["column"]) == ("recipients.csv", 3, "state")
    assert f'"{cell}"' in problem["message"]
    assert said in problem["remedy"]


def test_the_option_state(made: CampaignFolder) -> None:
    assert "1 letter" in made.ok("generate", "--state", "Кения").said
    made.ok("log", "show", "--state", "Quênia")
    for arguments in (("generate",), ("log", "show")):
        for name, said in (
            ("Korea", "KOR or PRK"),
            ("Taiwan", "not a state"),
            ("Kenja", '"Kenya"'),
        ):
            done = made(*arguments, "--state", name)
            assert done.code == 2
            assert said in " ".join(done.err.split())


def test_arguments(made: CampaignFolder) -> None:
    made.ok("preview", "invitation", "Kenia", "--html")
    for arguments in (
        ("preview", "invitation", "Korea"),
        ("protocol", "Korea", "--office", "president"),
        ("log", "show", "Korea"),
        ("log", "record", "dispatched", "invitation", "Korea"),
    ):
        done = made(*arguments)
        assert done.code == 2, arguments
        assert "(KOR)" in " ".join(done.err.split()), arguments


def test_deliveries_and_events(made: CampaignFolder) -> None:
    file = made.write(
        "deliveries.csv",
        "event,letter,recipient,state,on\n"
        "dispatched,invitation,Kénya,,\n"
        "spoke,,,République dominicaine,\n"
        "spoke,,,Guinea Ecuatorial,\n",
    )
    made.ok("log", "record", "--yes", "--from", str(file))
    events = made.log("events")
    assert [row["state"] for row in events if row["event"] == "spoke"] == ["DOM", "GNQ"]
    assert [row["state"] for row in events if row["event"] == "dispatched"] == ["KEN"]
    made.write(
        "deliveries.csv",
        "event,letter,recipient,state\n"
        "dispatched,invitation,Korea,\nspoke,,,Kosovo\nspoke,,,Virgin Islands\n",
    )
    problems = made("log", "record", "--from", str(file), "--json").json()["problems"]
    assert [(p["code"], p["row"], p["column"]) for p in problems] == [
        ("ambiguous-state", 2, "recipient"),
        ("not-a-state", 3, "state"),
        ("ambiguous-state", 4, "state"),
    ]


def test_treaty_status(made: CampaignFolder) -> None:
    made.write(
        "treaty-status.csv",
        "state,status,year\nKenya,not_joined,\n多米尼加,party,2014\nna,party,2020\n",
    )
    treaty = made.ok("report", "--format", "json").json()["treaty"]
    assert (treaty["parties"], treaty["others"]) == (2, 1)
    assert treaty["latest"] == ["NAM"]
    made.write(
        "treaty-status.csv", "state,status,year\nKEN,not_joined,\nKorea,party,2014\nKenia,,\n"
    )
    done = made("report")
    assert done.code == 3
    assert '"Korea" can mean more than one' in " ".join(done.err.split())
    assert "there is an earlier row for KEN" in done.err


def test_the_filter_of_a_letter(campaign: CampaignFolder) -> None:
    letter = "letters/invitation.toml"
    text = campaign.read(letter)
    assert "[recipients]" in text
    campaign.write(letter, text.replace("[recipients]", '[recipients]\nstate = ["Кения"]'))
    assert campaign.problems() == []
    campaign.write(letter, text.replace("[recipients]", '[recipients]\nstate = ["Korea"]'))
    problem = campaign.problem("ambiguous-state")
    assert (problem["file"], problem["column"]) == (letter, "recipients.state")


def test_the_proof_sheet_by_name() -> None:
    done = command("-c", str(ROOT), "protocol", "Swaziland", "--office", "king")
    assert "SWZ-head_of_state" in done.out
