"""Names of States in English, French, Spanish and Portuguese, and the forms running text needs.

The hard cases are those a mail merge gets wrong: articles, contractions, elision, prepositions of
place, names with brackets. Each names the form it checks, as a template writes it.
"""

from __future__ import annotations

import datetime as dt

import pytest

from outreach_merge.protocol import Protocol
from reference import reference

LATIN = ("en", "fr", "es", "pt")

#: Names that differ from the reference, and why they are right: (language, ISO alpha-3) -> reason.
JUSTIFIED: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.load()


def _plain(text: str) -> str:
    return text.replace("’", "'").replace("\u00a0", " ").strip()


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_short_and_formal_names_are_those_of_the_united_nations(
    protocol: Protocol, language: str
) -> None:
    differences = {}
    for row in reference("state_names.csv"):
        state = protocol.state(row["iso3"], language)
        ours = (state.short.name, state.formal.name, state.formal.the)
        theirs = (
            row[f"{language}_short"],
            row[f"{language}_official_bare"],
            row[f"{language}_official"],
        )
        if [*map(_plain, ours)] != [*map(_plain, theirs)]:
            differences[language, row["iso3"]] = (ours, theirs)
    assert {key: pair for key, pair in differences.items() if key not in JUSTIFIED} == {}


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_the_article_is_that_of_the_united_nations(protocol: Protocol, language: str) -> None:
    wrong = []
    for row in reference("state_names.csv"):
        if "(" in row[f"{language}_short"]:
            continue  # brackets: running text uses the formal name
        article = _plain(row[f"{language}_article"])
        joined = "" if not article else article if article.endswith("'") else f"{article} "
        expected = joined + _plain(row[f"{language}_short"])
        if _plain(protocol.state(row["iso3"], language).the) != expected:
            wrong.append((row["iso3"], protocol.state(row["iso3"], language).the, expected))
    assert wrong == []


def test_french_gender_and_number_are_those_of_the_united_nations(protocol: Protocol) -> None:
    wrong = []
    for row in reference("state_names.csv"):
        if "(" in row["fr_short"] or not row["fr_gender"]:
            continue
        short = protocol.state(row["iso3"], "fr").short
        if (short.gender, short.number) != (row["fr_gender"], row["fr_number"][:1]):
            wrong.append((row["iso3"], short.gender, short.number))
    assert wrong == []


@pytest.mark.parametrize("language", LATIN)
def test_every_state_has_every_form(protocol: Protocol, language: str) -> None:
    assert [*protocol.problems(language, protocol.states)] == []
    assert set(protocol.language(language).states()) == set(protocol.states)


@pytest.mark.parametrize("language", LATIN)
def test_forms_are_fit_for_running_text(protocol: Protocol, language: str) -> None:
    for iso3 in protocol.states:
        state = protocol.state(iso3, language)
        for forms in (state.short.forms, state.formal.forms):
            for form, text in forms.items():
                where = f"{language} {iso3} {form}: {text}"
                assert not set("()[]{}'") & set(text), where
                assert text == text.strip(), where
                assert "  " not in text, where


ENGLISH = [
    ("GMB", "the", "the Gambia"),
    ("GMB", "formal.of", "of the Republic of the Gambia"),
    ("PHL", "in", "in the Philippines"),
    ("PHL", "possessive", "the Philippines’"),
    ("COM", "of", "of the Comoros"),
    ("COM", "formal.the", "the Union of the Comoros"),
    ("SDN", "the", "the Sudan"),
    ("SDN", "formal.of", "of the Republic of the Sudan"),
    ("SSD", "the", "South Sudan"),
    ("NER", "to", "to the Niger"),
    ("NGA", "to", "to Nigeria"),
    ("COG", "the", "the Congo"),
    ("COG", "formal.the", "the Republic of the Congo"),
    ("COD", "of", "of the Democratic Republic of the Congo"),
    ("MHL", "possessive", "the Marshall Islands’"),
    ("SLB", "in", "in Solomon Islands"),
    ("SLB", "possessive", "Solomon Islands’"),
    ("MDV", "of", "of Maldives"),
    ("SYC", "the", "Seychelles"),
    ("BHS", "the", "the Bahamas"),
    ("NLD", "formal.the", "the Kingdom of the Netherlands"),
    ("ARE", "in", "in the United Arab Emirates"),
    ("ARE", "possessive", "the United Arab Emirates’"),
    ("USA", "possessive", "the United States of America’s"),
    ("GBR", "of", "of the United Kingdom of Great Britain and Northern Ireland"),
    ("RUS", "the", "the Russian Federation"),
    ("KOR", "in", "in the Republic of Korea"),
    ("PRK", "possessive", "the Democratic People’s Republic of Korea’s"),
    ("LAO", "the", "the Lao People’s Democratic Republic"),
    ("SYR", "of", "of the Syrian Arab Republic"),
    ("TZA", "the", "the United Republic of Tanzania"),
    ("MDA", "in", "in the Republic of Moldova"),
    ("BOL", "name", "Bolivia (Plurinational State of)"),
    ("BOL", "the", "the Plurinational State of Bolivia"),
    ("IRN", "of", "of the Islamic Republic of Iran"),
    ("VEN", "to", "to the Bolivarian Republic of Venezuela"),
    ("FSM", "possessive", "the Federated States of Micronesia’s"),
    ("CUB", "possessive", "Cuba’s"),
    ("CYP", "possessive", "Cyprus’s"),
    ("HND", "possessive", "Honduras’s"),
    ("BRB", "possessive", "Barbados’s"),
    ("TUR", "formal.the", "the Republic of Turkey"),
    ("SWZ", "formal.of", "of the Kingdom of Eswatini"),
    ("MKD", "the", "North Macedonia"),
    ("UKR", "formal.of", "of Ukraine"),
    ("CIV", "formal.the", "the Republic of Côte d’Ivoire"),
    ("KGZ", "formal.of", "of the Kyrgyz Republic"),
    ("MEX", "formal.of", "of the United Mexican States"),
    ("VAT", "to", "to the Holy See"),
    ("COK", "in", "in the Cook Islands"),
    ("NIU", "of", "of Niue"),
    ("PSE", "the", "the State of Palestine"),
    ("VNM", "formal.of", "of the Socialist Republic of Viet Nam"),
    ("SAU", "realm", "of Saudi Arabia, Custodian of the Two Holy Mosques"),
    ("JOR", "realm", "of the Hashemite Kingdom of Jordan"),
]

FRENCH = [
    ("KEN", "of", "du Kenya"),
    ("KEN", "in", "au Kenya"),
    ("KEN", "formal.of", "de la République du Kenya"),
    ("NAM", "of", "de la Namibie"),
    ("NAM", "in", "en Namibie"),
    ("NAM", "to", "à la Namibie"),
    ("NAM", "from", "de Namibie"),
    ("NAM", "formal.of", "de la République de Namibie"),
    ("AGO", "of", "de l’Angola"),
    ("AGO", "in", "en Angola"),
    ("AGO", "formal.in", "en République d’Angola"),
    ("HTI", "the", "Haïti"),
    ("HTI", "of", "d’Haïti"),
    ("HTI", "in", "en Haïti"),
    ("HTI", "to", "à Haïti"),
    ("CUB", "of", "de Cuba"),
    ("CUB", "in", "à Cuba"),
    ("FJI", "the", "les Fidji"),
    ("FJI", "in", "aux Fidji"),
    ("FJI", "formal.of", "de la République des Fidji"),
    ("IRQ", "in", "en Iraq"),
    ("IRQ", "of", "de l’Iraq"),
    ("IRQ", "formal.the", "la République d’Iraq"),
    ("IRN", "name", "Iran (République islamique d’)"),
    ("IRN", "in", "en République islamique d’Iran"),
    ("BHR", "of", "de Bahreïn"),
    ("BHR", "in", "à Bahreïn"),
    ("BHR", "formal.of", "du Royaume de Bahreïn"),
    ("BHR", "formal.in", "au Royaume de Bahreïn"),
    ("CYP", "in", "à Chypre"),
    ("ISR", "of", "d’Israël"),
    ("ISR", "in", "en Israël"),
    ("ISR", "formal.of", "de l’État d’Israël"),
    ("OMN", "of", "d’Oman"),
    ("OMN", "formal.to", "au Sultanat d’Oman"),
    ("LKA", "in", "à Sri Lanka"),
    ("SGP", "of", "de Singapour"),
    ("BOL", "of", "de l’État plurinational de Bolivie"),
    ("BOL", "in", "dans l’État plurinational de Bolivie"),
    ("VEN", "to", "à la République bolivarienne du Venezuela"),
    ("QAT", "formal.in", "dans l’État du Qatar"),
    ("KWT", "formal.of", "de l’État du Koweït"),
    ("COM", "in", "aux Comores"),
    ("COM", "formal.the", "l’Union des Comores"),
    ("PHL", "to", "aux Philippines"),
    ("PHL", "of", "des Philippines"),
    ("USA", "in", "aux États-Unis d’Amérique"),
    ("ARE", "of", "des Émirats arabes unis"),
    ("COG", "of", "du Congo"),
    ("COD", "in", "en République démocratique du Congo"),
    ("RUS", "in", "en Fédération de Russie"),
    ("LAO", "of", "de la République démocratique populaire lao"),
    ("AND", "formal.in", "dans la Principauté d’Andorre"),
    ("AND", "from", "d’Andorre"),
    ("DJI", "in", "à Djibouti"),
    ("MDG", "in", "à Madagascar"),
    ("VUT", "in", "à Vanuatu"),
    ("TON", "in", "aux Tonga"),
    ("TUV", "the", "les Tuvalu"),
    ("MHL", "of", "des Îles Marshall"),
    ("SWZ", "of", "de l’Eswatini"),
    ("SWZ", "formal.of", "du Royaume d’Eswatini"),
    ("SSD", "in", "au Soudan du Sud"),
    ("TLS", "formal.of", "de la République démocratique du Timor-Leste"),
    ("TUR", "formal.the", "la République turque"),
    ("SLV", "of", "d’El Salvador"),
    ("HUN", "the", "la Hongrie"),
    ("BRB", "in", "à la Barbade"),
    ("JAM", "formal.in", "à la Jamaïque"),
    ("UGA", "formal.of", "de la République de l’Ouganda"),
    ("IND", "formal.of", "de la République de l’Inde"),
    ("GNQ", "formal.of", "de la République de Guinée équatoriale"),
    ("THA", "from", "de Thaïlande"),
    ("SAU", "realm", "d’Arabie saoudite, Gardien des deux Lieux saints"),
    ("VAT", "of", "du Saint-Siège"),
    ("NIU", "name", "Nioué"),
    ("CHE", "formal.of", "de la Confédération suisse"),
]

SPANISH = [
    ("PER", "of", "del Perú"),
    ("PER", "to", "al Perú"),
    ("PER", "in", "en el Perú"),
    ("PER", "formal.of", "de la República del Perú"),
    ("ECU", "the", "el Ecuador"),
    ("ECU", "formal.of", "de la República del Ecuador"),
    ("KEN", "of", "de Kenya"),
    ("KEN", "formal.of", "de la República de Kenya"),
    ("RWA", "of", "de Rwanda"),
    ("ZWE", "in", "en Zimbabwe"),
    ("IND", "of", "de la India"),
    ("IND", "formal.to", "a la República de la India"),
    ("USA", "to", "a los Estados Unidos de América"),
    ("USA", "of", "de los Estados Unidos de América"),
    ("ARE", "in", "en los Emiratos Árabes Unidos"),
    ("LBN", "of", "del Líbano"),
    ("LBN", "formal.the", "la República Libanesa"),
    ("IRQ", "to", "al Iraq"),
    ("IRQ", "formal.of", "de la República del Iraq"),
    ("IRN", "name", "Irán (República Islámica del)"),
    ("IRN", "of", "de la República Islámica del Irán"),
    ("JPN", "of", "del Japón"),
    ("SLV", "of", "de El Salvador"),
    ("SLV", "to", "a El Salvador"),
    ("SLV", "formal.of", "de la República de El Salvador"),
    ("BHR", "formal.of", "del Reino de Bahrein"),
    ("SAU", "of", "de la Arabia Saudita"),
    ("SAU", "formal.of", "del Reino de la Arabia Saudita"),
    ("OMN", "formal.of", "de la Sultanía de Omán"),
    ("QAT", "formal.of", "del Estado de Qatar"),
    ("KWT", "formal.to", "al Estado de Kuwait"),
    ("BOL", "of", "del Estado Plurinacional de Bolivia"),
    ("BOL", "name", "Bolivia (Estado Plurinacional de)"),
    ("VEN", "in", "en la República Bolivariana de Venezuela"),
    ("FSM", "to", "a los Estados Federados de Micronesia"),
    ("COG", "of", "del Congo"),
    ("COD", "of", "de la República Democrática del Congo"),
    ("SDN", "in", "en el Sudán"),
    ("SSD", "in", "en Sudán del Sur"),
    ("NER", "to", "al Níger"),
    ("NGA", "to", "a Nigeria"),
    ("COM", "in", "en las Comoras"),
    ("COM", "formal.of", "de la Unión de las Comoras"),
    ("PHL", "in", "en Filipinas"),
    ("PHL", "formal.of", "de la República de Filipinas"),
    ("MHL", "of", "de las Islas Marshall"),
    ("BHS", "formal.of", "del Commonwealth de las Bahamas"),
    ("GMB", "of", "de Gambia"),
    ("PAK", "formal.of", "de la República Islámica del Pakistán"),
    ("AFG", "of", "del Afganistán"),
    ("YEM", "of", "del Yemen"),
    ("TCD", "in", "en el Chad"),
    ("RUS", "to", "a la Federación de Rusia"),
    ("LAO", "in", "en la República Democrática Popular Lao"),
    ("TUR", "formal.of", "de la República de Turquía"),
    ("TLS", "formal.of", "de la República Democrática de Timor-Leste"),
    ("MEX", "formal.of", "de los Estados Unidos Mexicanos"),
    ("HTI", "in", "en Haití"),
    ("CUB", "of", "de Cuba"),
    ("VAT", "of", "de la Santa Sede"),
    ("SAU", "realm", "de la Arabia Saudita, Custodio de las dos Mezquitas Sagradas"),
]

PORTUGUESE = [
    ("AGO", "of", "de Angola"),
    ("AGO", "in", "em Angola"),
    ("AGO", "formal.of", "da República de Angola"),
    ("TLS", "of", "de Timor-Leste"),
    ("TLS", "formal.of", "da República Democrática de Timor-Leste"),
    ("MOZ", "in", "em Moçambique"),
    ("CPV", "to", "a Cabo Verde"),
    ("STP", "formal.of", "da República Democrática de São Tomé e Príncipe"),
    ("GNB", "of", "da Guiné-Bissau"),
    ("GNQ", "in", "na Guiné Equatorial"),
    ("BRA", "formal.of", "da República Federativa do Brasil"),
    ("PRT", "in", "em Portugal"),
    ("KEN", "of", "do Quénia"),
    ("KEN", "to", "ao Quénia"),
    ("IND", "to", "à Índia"),
    ("USA", "to", "aos Estados Unidos da América"),
    ("USA", "in", "nos Estados Unidos da América"),
    ("PHL", "in", "nas Filipinas"),
    ("FJI", "to", "às Fiji"),
    ("COM", "of", "das Comores"),
    ("CUB", "of", "de Cuba"),
    ("HTI", "in", "no Haiti"),
    ("BOL", "of", "do Estado Plurinacional da Bolívia"),
    ("IRN", "in", "na República Islâmica do Irão"),
    ("VEN", "to", "à República Bolivariana da Venezuela"),
    ("BHR", "formal.of", "do Reino do Barém"),
    ("QAT", "formal.to", "ao Estado do Catar"),
    ("OMN", "of", "de Omã"),
    ("OMN", "formal.of", "do Sultanato de Omã"),
    ("MAR", "of", "de Marrocos"),
    ("ESP", "the", "a Espanha"),
    ("ESP", "formal.of", "do Reino de Espanha"),
    ("COG", "of", "do Congo"),
    ("COD", "of", "da República Democrática do Congo"),
    ("RUS", "in", "na Federação da Rússia"),
    ("SWZ", "formal.of", "do Reino de Essuatíni"),
    ("SLV", "of", "de El Salvador"),
    ("CMR", "to", "aos Camarões"),
    ("ISR", "formal.of", "do Estado de Israel"),
    ("SGP", "in", "em Singapura"),
    ("LKA", "of", "do Sri Lanka"),
    ("VAT", "to", "à Santa Sé"),
    ("TUR", "formal.of", "da República da Turquia"),
]

HARD_CASES = [
    (language, *case)
    for language, cases in zip(LATIN, (ENGLISH, FRENCH, SPANISH, PORTUGUESE), strict=True)
    for case in cases
]


@pytest.mark.parametrize(
    ("language", "iso3", "form", "expected"),
    HARD_CASES,
    ids=[f"{language}-{iso3}-{form}" for language, iso3, form, _ in HARD_CASES],
)
def test_hard_cases(protocol: Protocol, language: str, iso3: str, form: str, expected: str) -> None:
    state = protocol.state(iso3, language)
    prefix, _, rest = form.rpartition(".")
    forms = state.formal if prefix else state.short
    assert getattr(forms, rest) == expected


@pytest.mark.parametrize(
    ("language", "iso3", "gender", "number"),
    [
        ("fr", "KEN", "m", "s"),
        ("fr", "NAM", "f", "s"),
        ("fr", "PHL", "f", "p"),
        ("fr", "USA", "m", "p"),
        ("es", "PER", "m", "s"),
        ("es", "COM", "f", "p"),
        ("es", "BOL", "m", "s"),
        ("pt", "CMR", "m", "p"),
    ],
)
def test_gender_and_number_are_those_of_the_form_in_running_text(
    protocol: Protocol, language: str, iso3: str, gender: str, number: str
) -> None:
    short = protocol.state(iso3, language).short
    assert (short.gender, short.number) == (gender, number)


NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("language", "day", "across_months", "in_one_month"),
    [
        ("en", "1 August 2021", "30 August to 3 September 2021", "5 to 9 July 2021"),
        ("fr", "1er août 2021", "30 août au 3 septembre 2021", "5 au 9 juillet 2021"),
        (
            "es",
            "1 de agosto de 2021",
            "30 de agosto al 3 de septiembre de 2021",
            "5 al 9 de julio de 2021",
        ),
        (
            "pt",
            "1 de agosto de 2021",
            "30 de agosto a 3 de setembro de 2021",
            "5 a 9 de julho de 2021",
        ),
    ],
)
def test_dates(
    protocol: Protocol, language: str, day: str, across_months: str, in_one_month: str
) -> None:
    dates = protocol.dates(language)
    printed = dates.date(dt.date(2021, 8, 1))
    assert printed == day.replace(" ", NO_BREAK)
    assert _plain(dates.date_range(dt.date(2021, 8, 30), dt.date(2021, 9, 3))) == across_months
    assert _plain(dates.date_range(dt.date(2021, 7, 5), dt.date(2021, 7, 9))) == in_one_month


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "a, b and c"), ("fr", "a, b et c"), ("es", "a, b y c")]
)
def test_lists_have_no_serial_comma(protocol: Protocol, language: str, expected: str) -> None:
    assert protocol.dates(language).list_of(["a", "b", "c"]) == expected
