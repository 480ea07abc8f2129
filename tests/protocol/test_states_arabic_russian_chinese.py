"""Names of states in Arabic, Russian and Chinese, and the forms running text needs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from outreach_merge.protocol import Protocol, StateForms
from reference import reference

LANGUAGES = ("ar", "ru", "zh")

#: (language, state, "short" or "formal") -> why our name is not the reference's.
DIFFERENCES = {
    ("ar", "TLS", "short"): "the reference drops the space before the hyphen, against its own "
    "formal name: تيمور- ليشتي",
}


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.load()


def form(state: StateForms, path: str) -> str:
    """``formal.genitive`` -> the genitive of the formal name."""
    value: object = state
    for name in path.split("."):
        value = getattr(value, name)
    return str(value)


def every_text(state: StateForms) -> Iterator[str]:
    for names in (state.short, state.formal):
        yield names.name
        yield from names.forms.values()


# ---------------------------------------------------------------------- all states


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_every_form(protocol: Protocol, language: str) -> None:
    assert set(protocol.language(language).states()) == set(protocol.states)
    assert list(protocol.problems(language, protocol.states)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_those_of_the_united_nations(protocol: Protocol, language: str) -> None:
    found = set()
    for row in reference("state_names.csv"):
        iso3 = row["iso3"]
        ours = protocol.state(iso3, language)
        for kind, name, column in (
            ("short", ours.short.name, f"{language}_short"),
            ("formal", ours.formal.name, f"{language}_official"),
        ):
            if name.replace("’", "'") != row[column].replace("’", "'"):
                found.add((language, iso3, kind))
    assert found == {key for key in DIFFERENCES if key[0] == language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_foreign_stands_in_a_name(protocol: Protocol, language: str) -> None:
    allowed = {
        "ar": r"[\u0621-\u063a\u0641-\u064a ()،-]+",  # letters without vowel signs
        "ru": r"[А-Яа-я ()’—,-]+",  # no ё, as in the documents of the United Nations
        "zh": r"[\u4e00-\u9fff（）、]+",  # no space, no half-width character
    }[language]
    for iso3 in protocol.states:
        for text in every_text(protocol.state(iso3, language)):
            assert re.fullmatch(allowed, text), (iso3, text)
            assert text == re.sub(" +", " ", text).strip(), (iso3, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_brackets_never_reach_running_text(protocol: Protocol, language: str) -> None:
    for iso3 in protocol.states:
        state = protocol.state(iso3, language)
        for name, text in state.short.forms.items():
            assert not set("()（）") & set(text), (iso3, name, text)
        assert not set("()（）") & set(state.formal.name)


def test_russian_place_has_a_preposition_and_the_prepositional(protocol: Protocol) -> None:
    for iso3 in protocol.states:
        state = protocol.state(iso3, "ru")
        for names in (state.short, state.formal):
            preposition, _, rest = names.forms["in"].partition(" ")
            assert preposition in {"в", "во", "на"}, iso3
            assert rest == names.forms["prepositional"], iso3
            assert names.forms["of"] == names.forms["genitive"]
            assert names.forms["to"] == names.forms["dative"]


def test_russian_formal_names_decline_by_their_first_words(protocol: Protocol) -> None:
    endings = {
        "genitive": {"Республика": "Республики", "Королевство": "Королевства"},
        "dative": {"Республика": "Республике", "Королевство": "Королевству"},
        "accusative": {"Республика": "Республику", "Королевство": "Королевство"},
        "instrumental": {"Республика": "Республикой", "Королевство": "Королевством"},
        "prepositional": {"Республика": "Республике", "Королевство": "Королевстве"},
    }
    for iso3 in protocol.states:
        formal = protocol.state(iso3, "ru").formal
        for case, nouns in endings.items():
            for noun, declined in nouns.items():
                if noun in formal.name.split():
                    assert declined in formal.forms[case].split(), (iso3, case)
                    after = formal.name.split(noun, 1)[1]
                    assert formal.forms[case].endswith(declined + after), (iso3, case)


def test_arabic_prefixes_join_and_the_article_loses_its_alif(protocol: Protocol) -> None:
    for iso3 in protocol.states:
        state = protocol.state(iso3, "ar")
        for names in (state.short, state.formal):
            base = names.forms["the"]
            wanted = "لل" + base[2:] if base.startswith("ال") else "ل" + base
            assert names.forms["to"] == wanted, iso3
            assert names.forms["by"] == "ب" + base, iso3
            assert names.forms["in"] == "في " + base, iso3
            assert names.gender in {"m", "f"}, iso3


# ---------------------------------------------------------------------- hard cases by name

RUSSIAN = [
    ("KEN", "genitive", "Кении"),
    ("KEN", "formal.genitive", "Республики Кения"),
    ("KEN", "formal.in", "в Республике Кения"),
    ("PHL", "genitive", "Филиппин"),
    ("PHL", "instrumental", "Филиппинами"),
    ("PHL", "in", "на Филиппинах"),
    ("PHL", "formal.in", "в Республике Филиппины"),
    ("VNM", "in", "во Вьетнаме"),
    ("VNM", "formal.in", "в Социалистической Республике Вьетнам"),
    ("FRA", "in", "во Франции"),
    ("FRA", "formal.in", "во Французской Республике"),
    ("FIN", "in", "в Финляндии"),
    ("CUB", "in", "на Кубе"),
    ("CUB", "formal.in", "в Республике Куба"),
    ("MDV", "in", "на Мальдивских Островах"),
    ("MDV", "formal.genitive", "Мальдивской Республики"),
    ("SYC", "formal.genitive", "Республики Сейшельские Острова"),
    ("MHL", "genitive", "Маршалловых Островов"),
    ("MHL", "formal.dative", "Республике Маршалловы Острова"),
    ("SLB", "in", "на Соломоновых Островах"),
    ("BHS", "formal.in", "в Содружестве Багамских Островов"),
    ("COM", "formal.instrumental", "Союзом Коморских Островов"),
    ("CYP", "in", "на Кипре"),
    ("CYP", "formal.in", "в Республике Кипр"),
    ("MLT", "in", "на Мальте"),
    ("MUS", "in", "на Маврикии"),
    ("MDG", "in", "на Мадагаскаре"),
    ("HTI", "in", "в Гаити"),
    ("LKA", "in", "в Шри-Ланке"),
    ("UKR", "in", "в Украине"),
    ("ZWE", "genitive", "Зимбабве"),
    ("BDI", "in", "в Бурунди"),
    ("DJI", "instrumental", "Джибути"),
    ("TLS", "genitive", "Тимора-Лешти"),
    ("TLS", "formal.genitive", "Демократической Республики Тимор-Лешти"),
    ("CIV", "in", "в Кот-д’Ивуаре"),
    ("BRN", "genitive", "Бруней-Даруссалама"),
    ("PNG", "in", "в Папуа — Новой Гвинее"),
    ("PNG", "formal.genitive", "Независимого государства Папуа — Новая Гвинея"),
    ("GNB", "accusative", "Гвинею-Бисау"),
    ("EGY", "genitive", "Египта"),
    ("EGY", "formal.dative", "Арабской Республике Египет"),
    ("JOR", "formal.genitive", "Иорданского Хашимитского Королевства"),
    ("LUX", "formal.instrumental", "Великим Герцогством Люксембург"),
    ("NLD", "formal.genitive", "Королевства Нидерландов"),
    ("MAR", "formal.dative", "Королевству Марокко"),
    ("KWT", "formal.in", "в Государстве Кувейт"),
    ("USA", "instrumental", "Соединенными Штатами Америки"),
    ("ARE", "in", "в Объединенных Арабских Эмиратах"),
    ("MEX", "formal.genitive", "Мексиканских Соединенных Штатов"),
    ("GBR", "in", "в Соединенном Королевстве Великобритании и Северной Ирландии"),
    ("LAO", "dative", "Лаосской Народно-Демократической Республике"),
    ("PRK", "in", "в Корейской Народно-Демократической Республике"),
    ("KOR", "genitive", "Республики Корея"),
    ("MMR", "formal.genitive", "Республики Союз Мьянма"),
    ("VCT", "in", "в Сент-Винсенте и Гренадинах"),
    ("KNA", "genitive", "Сент-Китса и Невиса"),
    ("ATG", "genitive", "Антигуа и Барбуды"),
    ("TTO", "in", "в Тринидаде и Тобаго"),
    ("BIH", "instrumental", "Боснией и Герцеговиной"),
    ("BOL", "name", "Боливия (Многонациональное Государство)"),
    ("BOL", "genitive", "Многонационального Государства Боливия"),
    ("FSM", "in", "в Федеративных Штатах Микронезии"),
    ("IRN", "dative", "Исламской Республике Иран"),
    ("VEN", "the", "Боливарианская Республика Венесуэла"),
    ("TUR", "formal.genitive", "Турецкой Республики"),
    ("BLR", "genitive", "Беларуси"),
    ("KGZ", "name", "Кыргызстан"),
    ("SLV", "formal.genitive", "Республики Эль-Сальвадор"),
    ("VAT", "genitive", "Святого Престола"),
    ("COK", "in", "на Островах Кука"),
    ("CHN", "formal.president", "Председатель Китайской Народной Республики"),
    ("RUS", "formal.premier_dative", "Председателю Правительства Российской Федерации"),
    ("ISR", "formal.president_dative", "Президенту Государства Израиль"),
]

ARABIC = [
    ("KEN", "to", "لكينيا"),
    ("KEN", "formal.to", "لجمهورية كينيا"),
    ("KEN", "formal.by", "بجمهورية كينيا"),
    ("KEN", "formal.in", "في جمهورية كينيا"),
    ("SAU", "to", "للمملكة العربية السعودية"),
    ("SAU", "by", "بالمملكة العربية السعودية"),
    ("JOR", "to", "للأردن"),
    ("JOR", "formal.to", "للمملكة الأردنية الهاشمية"),
    ("MAR", "to", "للمغرب"),
    ("MAR", "formal.to", "للمملكة المغربية"),
    ("DZA", "to", "للجزائر"),
    ("DZA", "formal.to", "للجمهورية الجزائرية الديمقراطية الشعبية"),
    ("EGY", "to", "لمصر"),
    ("EGY", "formal.to", "لجمهورية مصر العربية"),
    ("ARE", "to", "للإمارات العربية المتحدة"),
    ("USA", "to", "للولايات المتحدة الأمريكية"),
    ("RUS", "to", "للاتحاد الروسي"),
    ("CHE", "formal.to", "للاتحاد السويسري"),
    ("COM", "formal.to", "لاتحاد جزر القمر"),
    ("LUX", "to", "للكسمبرغ"),
    ("LBN", "to", "للبنان"),
    ("LBN", "formal.to", "للجمهورية اللبنانية"),
    ("LBY", "formal.to", "لدولة ليبيا"),
    ("SLV", "to", "للسلفادور"),
    ("ALB", "to", "لألبانيا"),
    ("IDN", "to", "لإندونيسيا"),
    ("DOM", "to", "للجمهورية الدومينيكية"),
    ("VAT", "to", "للكرسي الرسولي"),
    ("KWT", "by", "بالكويت"),
    ("IRN", "name", "إيران (جمهورية - الإسلامية)"),
    ("IRN", "of", "جمهورية إيران الإسلامية"),
    ("IRN", "to", "لجمهورية إيران الإسلامية"),
    ("VEN", "in", "في جمهورية فنزويلا البوليفارية"),
    ("BOL", "by", "بدولة بوليفيا المتعددة القوميات"),
    ("FSM", "to", "لولايات ميكرونيزيا الموحدة"),
    ("OMN", "name", "عمان"),
    ("OMN", "formal", "سلطنة عمان"),
    ("GAB", "name", "غابون"),
    ("GAB", "formal", "جمهورية الغابون"),
    ("KIR", "name", "كيريباس"),
    ("CIV", "name", "كوت ديفوار"),
    ("PSE", "name", "دولة فلسطين"),
    ("IRQ", "short.gender", "m"),
    ("IRQ", "formal.gender", "f"),
    ("SDN", "short.gender", "m"),
    ("YEM", "short.gender", "m"),
    ("QAT", "short.gender", "f"),
    ("RUS", "short.gender", "m"),
    ("CHE", "formal.gender", "m"),
    ("USA", "formal.gender", "f"),
    ("EGY", "formal.premier", "رئيس مجلس وزراء جمهورية مصر العربية"),
    ("DZA", "formal.premier", "الوزير الأول للجمهورية الجزائرية الديمقراطية الشعبية"),
    ("KEN", "formal.premier_f", "رئيسة وزراء جمهورية كينيا"),
    ("ARE", "formal.president", "رئيس دولة الإمارات العربية المتحدة"),
]

CHINESE = [
    ("KEN", "formal", "肯尼亚共和国"),
    ("KEN", "in", "在肯尼亚"),
    ("KEN", "formal.in", "在肯尼亚共和国"),
    ("KEN", "possessive", "肯尼亚的"),
    ("KEN", "to", "向肯尼亚"),
    ("KEN", "formal.president", "肯尼亚共和国总统"),
    ("COG", "name", "刚果（布）"),
    ("COG", "of", "刚果共和国"),
    ("COG", "in", "在刚果共和国"),
    ("COD", "name", "刚果民主共和国"),
    ("SWZ", "name", "斯威士兰"),
    ("SWZ", "formal", "斯威士兰王国"),
    ("MNG", "name", "蒙古"),
    ("MNG", "formal", "蒙古国"),
    ("BGD", "name", "孟加拉国"),
    ("BGD", "formal", "孟加拉人民共和国"),
    ("DOM", "name", "多米尼加"),
    ("DMA", "name", "多米尼克"),
    ("DMA", "formal", "多米尼克国"),
    ("BHS", "formal", "巴哈马国"),
    ("GBR", "name", "大不列颠及北爱尔兰联合王国"),
    ("USA", "name", "美利坚合众国"),
    ("MEX", "formal", "墨西哥合众国"),
    ("DEU", "formal", "德意志联邦共和国"),
    ("FRA", "formal", "法兰西共和国"),
    ("THA", "formal", "泰王国"),
    ("LUX", "formal", "卢森堡大公国"),
    ("MCO", "formal", "摩纳哥公国"),
    ("OMN", "formal", "阿曼苏丹国"),
    ("JOR", "formal", "约旦哈希姆王国"),
    ("EGY", "formal", "阿拉伯埃及共和国"),
    ("SYR", "name", "阿拉伯叙利亚共和国"),
    ("IRN", "name", "伊朗伊斯兰共和国"),
    ("BOL", "name", "多民族玻利维亚国"),
    ("FSM", "name", "密克罗尼西亚联邦"),
    ("PRK", "name", "朝鲜民主主义人民共和国"),
    ("KOR", "name", "大韩民国"),
    ("PSE", "name", "巴勒斯坦国"),
    ("TLS", "name", "东帝汶"),
    ("URY", "formal", "乌拉圭东岸共和国"),
    ("GUY", "formal", "圭亚那合作共和国"),
    ("VAT", "name", "教廷"),
    ("COK", "name", "库克群岛"),
    ("TUR", "formal", "土耳其共和国"),
    ("CHN", "formal.president", "中华人民共和国主席"),
    ("CHN", "formal.premier", "中华人民共和国国务院总理"),
    ("VNM", "formal.president", "越南社会主义共和国主席"),
    ("JOR", "formal.premier", "约旦哈希姆王国首相"),
    ("JPN", "formal.premier", "日本国首相"),
    ("MYS", "formal.premier", "马来西亚总理"),
    ("RUS", "formal.premier", "俄罗斯联邦政府总理"),
    ("SAU", "formal.king", "两圣寺监护人、沙特阿拉伯王国国王"),
]


@pytest.mark.parametrize(
    ("language", "iso3", "path", "expected"),
    [
        (language, *case)
        for language, cases in (("ru", RUSSIAN), ("ar", ARABIC), ("zh", CHINESE))
        for case in cases
    ],
)
def test_hard_case(protocol: Protocol, language: str, iso3: str, path: str, expected: str) -> None:
    assert form(protocol.state(iso3, language), path) == expected


# ---------------------------------------------------------------------- dates

DATES = [
    ("ru", (2021, 7, 27), None, "27\u00a0июля 2021\u00a0года"),
    ("ru", (2021, 8, 1), None, "1\u00a0августа 2021\u00a0года"),
    ("ru", (2021, 7, 13), (2021, 7, 14), "13–14\u00a0июля 2021\u00a0года"),
    ("ru", (2021, 8, 30), (2021, 9, 3), "30\u00a0августа — 3\u00a0сентября 2021\u00a0года"),
    ("ar", (2021, 7, 27), None, "27\u00a0تموز/يوليه 2021"),
    ("ar", (2021, 1, 1), None, "1\u00a0كانون الثاني/يناير 2021"),
    ("ar", (2021, 8, 30), (2021, 9, 3), "30\u00a0آب/أغسطس إلى 3\u00a0أيلول/سبتمبر 2021"),
    ("zh", (2021, 7, 27), None, "2021年7月27日"),
    ("zh", (2021, 7, 13), (2021, 7, 14), "2021年7月13日至14日"),
    ("zh", (2021, 8, 30), (2021, 9, 3), "2021年8月30日至9月3日"),
    ("zh", (2021, 12, 30), (2022, 1, 3), "2021年12月30日至2022年1月3日"),
]


@pytest.mark.parametrize(("language", "start", "end", "expected"), DATES)
def test_dates_are_written_as_the_united_nations_prints_them(
    protocol: Protocol,
    language: str,
    start: tuple[int, int, int],
    end: tuple[int, int, int] | None,
    expected: str,
) -> None:
    rules = protocol.dates(language)
    first = dt.date(*start)
    written = rules.date(first) if end is None else rules.date_range(first, dt.date(*end))
    assert written == expected
