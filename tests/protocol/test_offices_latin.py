"""Forms of address in English, French, Spanish and Portuguese, for every office and gender.

What a chef de cabinet would notice first: a king who is only an Excellency, a salutation of the
wrong gender, a title that needs a gender nobody knows, a letter to two co-princes in the singular.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from folders import ROOT
from outreach_merge.model import Gender, Kind, Recipient, Status
from outreach_merge.protocol import TEXT_KEYS, AddressForms, Protocol

LAYOUT = ROOT / "src" / "outreach_merge" / "layout"
LATIN = ("en", "fr", "es", "pt")

#: A state that has the office, so that the forms read as they would in a letter.
STATE_OF = {
    "captain_regent": "SMR",
    "chairman_of_cabinet": "KGZ",
    "chairman_of_presidency": "BIH",
    "chancellor": "DEU",
    "co_prince": "AND",
    "crown_prince_and_prime_minister": "BHR",
    "emir": "QAT",
    "federal_president": "CHE",
    "governor_general": "PNG",
    "grand_duke": "LUX",
    "head_of_government": "AND",
    "king": "MAR",
    "o_le_ao": "WSM",
    "pope": "VAT",
    "premier": "CHN",
    "president_of_presidency_council": "LBY",
    "president_of_state_affairs": "PRK",
    "prince": "MCO",
    "queen": "GBR",
    "sultan": "OMN",
    "sultan_and_prime_minister": "BRN",
    "supreme_leader": "IRN",
    "transitional_head": "SDN",
    "yang_di_pertuan_agong": "MYS",
}

#: The rank's own word, which must stand in "you" and is never "Excellency".
OWN_WORD = {
    "majesty": {"en": "Majesty", "fr": "Majesté", "es": "Majestad", "pt": "Majestade"},
    "royal_highness": {
        "en": "Royal Highness",
        "fr": "Altesse royale",
        "es": "Alteza Real",
        "pt": "Alteza Real",
    },
    "highness": {"en": "Highness", "fr": "Altesse", "es": "Alteza", "pt": "Alteza"},
    "serene_highness": {
        "en": "Serene Highness",
        "fr": "Altesse sérénissime",
        "es": "Alteza Serenísima",
        "pt": "Alteza Sereníssima",
    },
    "holiness": {"en": "Holiness", "fr": "Sainteté", "es": "Santidad", "pt": "Santidade"},
}


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.load()


def addressee(
    office: str,
    language: str,
    *names: str,
    gender: str = "",
    state: str = "",
    style: str = "",
    honorifics: tuple[str, ...] = (),
    body: str = "",
) -> Recipient:
    return Recipient(
        id="one",
        state=state or STATE_OF.get(office, "KEN"),
        kind=Kind.HEAD_OF_STATE,
        office=office,
        language=language,
        status=Status.NOT_JOINED,
        names=names,
        gender=Gender(gender),
        style=style,
        honorifics=honorifics,
        body=body,
    )


def texts(forms: AddressForms) -> Iterator[str]:
    yield from (getattr(forms, key) for key in TEXT_KEYS)
    yield from forms.forms.values()
    yield from forms.address


def test_every_office_has_its_rule_in_every_language(protocol: Protocol) -> None:
    for language in LATIN:
        rules = protocol.language(language).offices["offices"]
        assert set(rules) == set(protocol.offices), language


@pytest.mark.parametrize("language", LATIN)
def test_every_office_resolves_for_every_gender(protocol: Protocol, language: str) -> None:
    for office, gender, names in product(protocol.offices, ("m", "f", ""), (("A B",), ())):
        forms = protocol.address(addressee(office, language, *names, gender=gender), language)
        where = (language, office, gender, names)
        assert forms.address, where
        assert forms.title, where
        assert forms.you, where
        if protocol.offices[office].rank != "body":
            assert forms.salutation, where
            assert forms.close, where
            assert forms.close != forms.close_joint, where
        if names:
            assert any("A B" in line for line in forms.address), where
        for text in texts(forms):
            assert text == text.strip(), (*where, text)
            assert not any(slip in text for slip in ("  ", "{", "'")), (*where, text)


@pytest.mark.parametrize("language", LATIN)
def test_a_style_in_the_row_outranks_the_office(protocol: Protocol, language: str) -> None:
    styles = ("majesty", "royal_highness", "highness", "serene_highness", "excellency")
    for office, gender, style in product(("president", "prime_minister"), ("m", "f", ""), styles):
        row = addressee(office, language, "A B", gender=gender, style=style, state="ARE")
        forms = protocol.address(row, language)
        if style in OWN_WORD:
            assert OWN_WORD[style][language] in forms.you
            assert not any("xcel" in text for text in texts(forms)), (language, office, style)


@pytest.mark.parametrize("language", LATIN)
def test_no_sovereign_is_a_bare_excellency(protocol: Protocol, language: str) -> None:
    for code, office in protocol.offices.items():
        if office.rank not in OWN_WORD:
            continue
        for gender, names in product(("m", "f", ""), (("A B",), ())):
            forms = protocol.address(addressee(code, language, *names, gender=gender), language)
            assert OWN_WORD[office.rank][language] in forms.you, (language, code)
            assert not any("xcel" in text for text in texts(forms)), (language, code)


@pytest.mark.parametrize(
    ("office", "language", "salutation", "you"),
    [
        ("king", "en", "Your Majesty,", "Your Majesty"),
        ("king", "fr", "Sire,", "Votre Majesté"),
        ("king", "es", "Majestad:", "Vuestra Majestad"),
        ("king", "pt", "Majestade,", "Vossa Majestade"),
        ("queen", "en", "Your Majesty,", "Your Majesty"),
        ("queen", "fr", "Madame,", "Votre Majesté"),
        ("queen", "es", "Majestad:", "Vuestra Majestad"),
        ("emir", "en", "Your Highness,", "Your Highness"),
        ("emir", "fr", "Altesse,", "Votre Altesse"),
        ("emir", "es", "Alteza:", "Vuestra Alteza"),
        ("sultan", "en", "Your Majesty,", "Your Majesty"),
        ("sultan", "fr", "Majesté,", "Votre Majesté"),
        ("sultan", "es", "Majestad:", "Vuestra Majestad"),
        ("sultan_and_prime_minister", "fr", "Majesté,", "Votre Majesté"),
        ("yang_di_pertuan_agong", "en", "Your Majesty,", "Your Majesty"),
        ("grand_duke", "en", "Your Royal Highness,", "Your Royal Highness"),
        ("grand_duke", "fr", "Monseigneur,", "Votre Altesse royale"),
        ("grand_duke", "es", "Alteza Real:", "Vuestra Alteza Real"),
        ("prince", "en", "Your Serene Highness,", "Your Serene Highness"),
        ("prince", "fr", "Monseigneur,", "Votre Altesse sérénissime"),
        ("crown_prince_and_prime_minister", "fr", "Monseigneur,", "Votre Altesse royale"),
        ("pope", "en", "Your Holiness,", "Your Holiness"),
        ("pope", "fr", "Très Saint-Père,", "Votre Sainteté"),
        ("pope", "es", "Santísimo Padre:", "Vuestra Santidad"),
        ("o_le_ao", "en", "Your Highness,", "Your Highness"),
    ],
)
@pytest.mark.parametrize("gender", ["m", ""])
def test_sovereigns(
    protocol: Protocol, office: str, language: str, salutation: str, you: str, gender: str
) -> None:
    forms = protocol.address(addressee(office, language, "A", gender=gender), language)
    assert (forms.salutation, forms.you) == (salutation, you)


@pytest.mark.parametrize(
    ("office", "language", "lines"),
    [
        ("king", "en", ("His Majesty", "King Mohammed VI", "King of Morocco")),
        ("king", "fr", ("Sa Majesté le Roi Mohammed VI", "Roi du Maroc")),
        ("king", "es", ("Su Majestad el Rey Mohammed VI", "Rey de Marruecos")),
        ("pope", "fr", ("Sa Sainteté le Pape Mohammed VI",)),
    ],
)
@pytest.mark.parametrize("gender", ["m", ""])
def test_address_of_a_sovereign_needs_no_gender(
    protocol: Protocol, office: str, language: str, lines: tuple[str, ...], gender: str
) -> None:
    row = addressee(office, language, "Mohammed VI", gender=gender)
    assert protocol.address(row, language).address == lines


def test_the_king_of_saudi_arabia_is_custodian_of_the_two_holy_mosques(protocol: Protocol) -> None:
    title = {
        language: protocol.address(addressee("king", language, "A", state="SAU"), language).title
        for language in ("en", "fr", "es")
    }
    assert title == {
        "en": "King of Saudi Arabia, Custodian of the Two Holy Mosques",
        "fr": "Roi d’Arabie saoudite, Gardien des deux Lieux saints",
        "es": "Rey de la Arabia Saudita, Custodio de las dos Mezquitas Sagradas",
    }


@pytest.mark.parametrize(
    ("language", "close"),
    [
        (
            "en",
            "I beg Your Majesty to accept the assurances of my highest consideration"
            " and profound respect.",
        ),
        (
            "fr",
            "Je prie Votre Majesté de bien vouloir agréer l’expression"
            " de mon très profond respect.",
        ),
        (
            "es",
            "Ruego a Vuestra Majestad que se digne aceptar la expresión"
            " de mi más profundo respeto.",
        ),
    ],
)
def test_close_to_a_king(protocol: Protocol, language: str, close: str) -> None:
    assert protocol.address(addressee("king", language, "A"), language).close == close


@pytest.mark.parametrize(
    ("language", "gender", "salutation", "title"),
    [
        ("en", "m", "Excellency,", "President of the Republic of Kenya"),
        ("en", "f", "Excellency,", "President of the Republic of Kenya"),
        ("en", "", "Excellency,", "President of the Republic of Kenya"),
        ("fr", "m", "Monsieur le Président,", "Président de la République du Kenya"),
        ("fr", "f", "Madame la Présidente,", "Présidente de la République du Kenya"),
        ("fr", "", "Excellence,", "Présidence de la République du Kenya"),
        ("es", "m", "Excelentísimo Señor Presidente:", "Presidente de la República de Kenya"),
        ("es", "f", "Excelentísima Señora Presidenta:", "Presidenta de la República de Kenya"),
        ("es", "", "Excelencia:", "Presidencia de la República de Kenya"),
        ("pt", "m", "Excelentíssimo Senhor Presidente,", "Presidente da República do Quénia"),
        ("pt", "f", "Excelentíssima Senhora Presidente,", "Presidente da República do Quénia"),
        ("pt", "", "Excelência,", "Presidência da República do Quénia"),
    ],
)
def test_presidents(
    protocol: Protocol, language: str, gender: str, salutation: str, title: str
) -> None:
    forms = protocol.address(addressee("president", language, "A B", gender=gender), language)
    assert (forms.salutation, forms.title) == (salutation, title)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ("His Excellency", "Mr. A B", "President of the Republic of Kenya")),
        ("fr", ("Son Excellence", "Monsieur A B", "Président de la République du Kenya")),
        ("es", ("Excelentísimo Señor", "A B", "Presidente de la República de Kenya")),
        ("pt", ("Sua Excelência", "Senhor A B", "Presidente da República do Quénia")),
    ],
)
def test_address_of_a_president(protocol: Protocol, language: str, lines: tuple[str, ...]) -> None:
    row = addressee("president", language, "A B", gender="m")
    assert protocol.address(row, language).address == lines


@pytest.mark.parametrize(
    ("language", "line"),
    [("fr", "Monsieur le Docteur A B"), ("es", "Doctor A B"), ("pt", "Senhor Doutor A B")],
)
def test_a_personal_title_stands_before_the_name(
    protocol: Protocol, language: str, line: str
) -> None:
    row = addressee("president", language, "A B", gender="m", honorifics=("dr",))
    assert line in protocol.address(row, language).address


def test_in_english_a_personal_title_takes_the_place_of_mr(protocol: Protocol) -> None:
    row = addressee("president", "en", "A B", gender="m", honorifics=("dr",))
    assert "Dr. A B" in protocol.address(row, "en").address


@pytest.mark.parametrize(
    ("office", "language", "lines", "salutation", "you"),
    [
        (
            "co_prince",
            "en",
            ("Their Excellencies", "A B and C D", "Co-Princes of Andorra"),
            "Excellencies,",
            "Your Excellencies",
        ),
        (
            "co_prince",
            "fr",
            ("Leurs Excellences", "A B et C D", "Coprinces d’Andorre"),
            "Excellences,",
            "Vos Excellences",
        ),
        (
            "co_prince",
            "es",
            ("Sus Excelencias", "A B y C D", "Copríncipes de Andorra"),
            "Excelencias:",
            "Vuestras Excelencias",
        ),
        (
            "captain_regent",
            "en",
            ("Their Excellencies", "A B and C D", "Captains Regent of the Republic of San Marino"),
            "Excellencies,",
            "Your Excellencies",
        ),
        (
            "captain_regent",
            "fr",
            (
                "Leurs Excellences",
                "A B et C D",
                "Capitaines-Régents de la République de Saint-Marin",
            ),
            "Excellences,",
            "Vos Excellences",
        ),
        (
            "captain_regent",
            "es",
            ("Sus Excelencias", "A B y C D", "Capitanes Regentes de la República de San Marino"),
            "Excelencias:",
            "Vuestras Excelencias",
        ),
    ],
)
@pytest.mark.parametrize("gender", ["m", ""])
def test_two_holders_of_one_office_are_written_to_in_the_plural(
    protocol: Protocol,
    office: str,
    language: str,
    lines: tuple[str, ...],
    salutation: str,
    you: str,
    gender: str,
) -> None:
    row = addressee(office, language, "A B", "C D", gender=gender)
    forms = protocol.address(row, language)
    assert (forms.address, forms.salutation, forms.you) == (lines, salutation, you)


def test_the_verb_of_a_spanish_close_agrees_with_several_holders(protocol: Protocol) -> None:
    two = protocol.address(addressee("co_prince", "es", "A", "B"), "es")
    one = protocol.address(addressee("co_prince", "es", "A"), "es")
    assert "a Vuestras Excelencias que acepten" in two.close
    assert "a Vuestra Excelencia que acepte las" in one.close


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ("The Honourable the Speaker of the National Assembly", "Republic of Malawi")),
        ("fr", ("Présidence", "National Assembly", "République du Malawi")),
    ],
)
def test_a_parliament_is_addressed_without_a_name(
    protocol: Protocol, language: str, lines: tuple[str, ...]
) -> None:
    row = addressee("speaker", language, state="MWI", body="National Assembly")
    assert protocol.address(row, language).address == lines


@pytest.mark.parametrize(
    ("language", "state", "body", "title"),
    [
        # No state's council is given the name of another's.
        ("en", "MLI", "", "President of the Transitional Council of the Republic of Mali"),
        ("fr", "MLI", "", "Président du Conseil de transition de la République du Mali"),
        (
            "en",
            "SDN",
            "Transitional Sovereign Council",
            "President of the Transitional Sovereign Council of the Republic of the Sudan",
        ),
    ],
)
def test_a_transitional_council_is_named_by_the_row(
    protocol: Protocol, language: str, state: str, body: str, title: str
) -> None:
    row = addressee("transitional_head", language, "A B", gender="m", state=state, body=body)
    assert protocol.address(row, language).title == title


@pytest.mark.parametrize(
    ("office", "language", "body"),
    [
        ("permanent_mission", "en", "Permanent Mission of the Republic of the Gambia"),
        ("permanent_mission", "fr", "Mission permanente de la République de Gambie"),
        ("permanent_mission", "es", "Misión Permanente de la República de Gambia"),
        ("permanent_mission", "pt", "Missão Permanente da República da Gâmbia"),
        ("consulate", "en", "Consulate of the Republic of the Gambia"),
        ("consulate", "fr", "Consulat de Gambie"),
    ],
)
def test_a_mission_is_named_after_its_state_and_has_no_salutation(
    protocol: Protocol, office: str, language: str, body: str
) -> None:
    forms = protocol.address(addressee(office, language, state="GMB"), language)
    assert (forms.body, forms.address, forms.salutation) == (body, (body,), "")


@pytest.mark.parametrize("language", LATIN)
def test_rank_shows_in_the_close(protocol: Protocol, language: str) -> None:
    closes = [
        protocol.address(addressee(office, language, "A", gender="m"), language).close
        for office in ("pope", "king", "emir", "president", "consul")
    ]
    assert len(set(closes)) == len(closes)


@pytest.mark.parametrize("language", LATIN)
def test_the_short_strings_are_translated(protocol: Protocol, language: str) -> None:
    messages = protocol.language(language).messages
    for text in ("Enclosures:", "DRAFT", "Courtesy translation", "Digitally signed, {date}"):
        assert (messages.gettext(text) == text) is (language == "en"), text


def test_the_catalogue_holds_what_the_layout_asks_for_and_no_more(protocol: Protocol) -> None:
    layout = (LAYOUT / "letter.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'\b_\("([^"]+)"\)', layout))
    assert asked == set(protocol.language("en").short_strings) - {""}
