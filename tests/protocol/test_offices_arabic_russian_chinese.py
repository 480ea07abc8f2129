"""Forms of address in Arabic, Russian and Chinese: every office, every gender, every language."""

from __future__ import annotations

import re
from itertools import product

import pytest

from outreach_merge.model import Gender, Kind, Recipient, Status
from outreach_merge.protocol import TEXT_KEYS, AddressForms, Office, Protocol

LANGUAGES = ("ar", "ru", "zh")
GENDERS = (Gender.MALE, Gender.FEMALE, Gender.UNKNOWN)

#: A state that has the office; every other office is tried with Kenya.
STATE_OF = {
    "king": "JOR",
    "queen": "GBR",
    "emir": "KWT",
    "sultan": "OMN",
    "sultan_and_prime_minister": "BRN",
    "yang_di_pertuan_agong": "MYS",
    "grand_duke": "LUX",
    "prince": "MCO",
    "pope": "VAT",
    "co_prince": "AND",
    "captain_regent": "SMR",
    "o_le_ao": "WSM",
    "governor_general": "PNG",
    "transitional_head": "SDN",
    "president_of_presidency_council": "LBY",
    "supreme_leader": "IRN",
    "president_of_state_affairs": "PRK",
    "chairman_of_presidency": "BIH",
    "federal_president": "CHE",
    "premier": "CHN",
    "chairman_of_cabinet": "KGZ",
    "crown_prince_and_prime_minister": "BHR",
    "head_of_government": "MAR",
    "chancellor": "DEU",
}

#: Names as the letter's language writes them; Russian in the dative of the inside address.
NAMES = {"ar": "فلان الفلاني", "ru": "Ивану Петрову", "zh": "某某"}

#: What a text of the language may be made of.
LETTERS = {
    "ar": r"[\u0621-\u063a\u0641-\u064a ()،.:-]*",
    "ru": r"[А-Яа-я\u00a0 ’(),.!:—–-]*",
    "zh": r"[\u4e00-\u9fff（）、，。：·]*",
}

#: The styles that tell a rank: the word the language has for it, wherever "you" is said.
RANK_WORD = {
    "majesty": {"ar": "جلالت", "ru": "Величеств", "zh": "陛下"},
    "royal_highness": {"ar": "سمو", "ru": "Высочеств", "zh": "殿下"},
    "highness": {"ar": "سمو", "ru": "Высочеств", "zh": "殿下"},
    "serene_highness": {"ar": "سمو", "ru": "Светлост", "zh": "殿下"},
    "holiness": {"ar": "قداست", "ru": "Святейшеств", "zh": "陛下"},
}

OFFICES = tuple(Protocol.load().offices.values())


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return Protocol.load()


def recipient(
    office: str,
    language: str,
    *names: str,
    state: str = "",
    kind: Kind = Kind.HEAD_OF_STATE,
    gender: Gender = Gender.MALE,
    style: str = "",
    honorifics: tuple[str, ...] = (),
    body: str = "",
) -> Recipient:
    return Recipient(
        id="test",
        state=state or STATE_OF.get(office, "KEN"),
        kind=kind,
        office=office,
        language=language,
        status=Status.NOT_JOINED,
        names=names,
        gender=gender,
        style=style,
        honorifics=honorifics,
        body=body,
    )


def texts(forms: AddressForms) -> list[str]:
    return [
        *(str(getattr(forms, key)) for key in TEXT_KEYS),
        *forms.address,
        *forms.forms.values(),
    ]


# ---------------------------------------------------------------------- every office


@pytest.mark.parametrize(
    ("language", "office"),
    list(product(LANGUAGES, OFFICES)),
    ids=lambda value: value.code if isinstance(value, Office) else str(value),
)
def test_every_office_resolves_for_every_gender(
    protocol: Protocol, language: str, office: Office
) -> None:
    for gender, named in product(GENDERS, (True, False)):
        names = (NAMES[language],) if named else ()
        forms = protocol.address(
            recipient(office.code, language, *names, gender=gender, kind=office.kinds[0]), language
        )
        assert all((forms.address, forms.title, forms.you))
        assert not named or any(NAMES[language] in line for line in forms.address)
        if office.rank != "body":
            assert all((forms.call, forms.salutation, forms.close, forms.close_joint))
            assert forms.close != forms.close_joint, "two signatories close in the plural"
        for text in texts(forms):
            assert re.fullmatch(LETTERS[language], text), text
            assert text == re.sub(" +", " ", text).strip(), text


@pytest.mark.parametrize(
    ("language", "office"),
    [
        (language, office)
        for language, office in product(LANGUAGES, OFFICES)
        if office.rank in RANK_WORD
    ],
    ids=lambda value: value.code if isinstance(value, Office) else str(value),
)
def test_nobody_above_an_excellency_is_called_one(
    protocol: Protocol, language: str, office: Office
) -> None:
    excellency = {"ar": ("فخام", "سعاد", "معالي"), "ru": ("Превосходительств",), "zh": ("阁下",)}
    for gender in GENDERS:
        row = recipient(office.code, language, NAMES[language], gender=gender)
        forms = protocol.address(row, language)
        assert RANK_WORD[office.rank][language] in forms.you
        for text, word in product(texts(forms), excellency[language]):
            assert word not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_holders_resolve_for_every_office_that_may_have_them(
    protocol: Protocol, language: str
) -> None:
    for office in OFFICES:
        if office.plural:
            names = (NAMES[language], NAMES[language])
            forms = protocol.address(recipient(office.code, language, *names), language)
            single = protocol.address(recipient(office.code, language, names[0]), language)
            assert forms.you != single.you
            assert forms.salutation != single.salutation


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_style_in_the_row_settles_every_form(protocol: Protocol, language: str) -> None:
    styles = protocol.language(language).settings["styles"]
    ranks = protocol.language(language).offices["ranks"]
    assert set(styles) == set(ranks)
    for style in styles:
        row = recipient("prime_minister", language, NAMES[language], style=style)
        forms = protocol.address(row, language)
        if style in RANK_WORD:
            assert RANK_WORD[style][language] in forms.you


def test_arabic_styles_say_the_same_in_both_files(protocol: Protocol) -> None:
    language = protocol.language("ar")
    for code, rank in language.offices["ranks"].items():
        if "style" in rank:
            assert rank["style"] == language.settings["styles"][code], code


# ---------------------------------------------------------------------- line by line

ADDRESSES = [
    # office, language, gender, state, names, address, salutation, you
    ("president", "ru", "m", "KEN", ("Ухуру Кениате",),
     ("Его Превосходительству", "г-ну Ухуру Кениате,", "Президенту Республики Кения"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("president", "ru", "f", "SGP", ("Халиме Якоб",),
     ("Ее Превосходительству", "г-же Халиме Якоб,", "Президенту Республики Сингапур"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("president", "ru", "", "SGP", ("Халиме Якоб",),
     ("Президенту Республики Сингапур", "Халиме Якоб"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("president", "ru", "m", "CHN", (),
     ("Его Превосходительству", "Председателю Китайской Народной Республики"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("prime_minister", "ru", "m", "RUS", (),
     ("Его Превосходительству", "Председателю Правительства Российской Федерации"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("king", "ru", "m", "JOR", ("Абдалле II",),
     ("Его Величеству", "Абдалле II,", "Королю Иордании"),
     "Ваше Величество!", "Ваше Величество"),
    ("king", "ru", "m", "SAU", ("Сальману ибн Абдель Азизу Аль Сауду",),
     ("Его Величеству", "Сальману ибн Абдель Азизу Аль Сауду,",
      "Хранителю двух святынь, Королю Саудовской Аравии"),
     "Ваше Величество!", "Ваше Величество"),
    ("sultan", "ru", "m", "OMN", ("Хайсаму бен Тарику",),
     ("Его Величеству", "Хайсаму бен Тарику,", "Султану Омана"),
     "Ваше Величество!", "Ваше Величество"),
    ("sultan_and_prime_minister", "ru", "m", "BRN", (),
     ("Его Величеству", "Султану и Янг Ди-Пертуану, Премьер-министру Бруней-Даруссалама"),
     "Ваше Величество!", "Ваше Величество"),
    ("emir", "ru", "m", "QAT", (),
     ("Его Высочеству", "Эмиру Государства Катар"), "Ваше Высочество!", "Ваше Высочество"),
    ("prince", "ru", "m", "MCO", (),
     ("Его Светлости", "Князю Монако"), "Ваша Светлость!", "Ваша Светлость"),
    ("pope", "ru", "m", "VAT", ("Франциску",),
     ("Его Святейшеству", "Папе Франциску"), "Ваше Святейшество!", "Ваше Святейшество"),
    ("co_prince", "ru", "m", "AND", ("Жоану Энрику Вивесу-и-Сисилье", "Эмманюэлю Макрону"),
     ("Их Превосходительствам", "Жоану Энрику Вивесу-и-Сисилье и Эмманюэлю Макрону,",
      "Князьям-соправителям Княжества Андорра"),
     "Ваши Превосходительства!", "Ваши Превосходительства"),
    ("captain_regent", "ru", "m", "SMR", ("Джан Карло Вентурини", "Марко Николини"),
     ("Их Превосходительствам", "Джан Карло Вентурини и Марко Николини,",
      "Капитанам-регентам Республики Сан-Марино"),
     "Ваши Превосходительства!", "Ваши Превосходительства"),
    ("captain_regent", "ru", "", "SMR", (),
     ("Их Превосходительствам", "Капитанам-регентам Республики Сан-Марино"),
     "Ваши Превосходительства!", "Ваши Превосходительства"),
    ("co_prince", "ar", "m", "AND", (),
     ("صاحبا الفخامة الأميران المشاركان لإمارة أندورا",), "صاحبي الفخامة،", "فخامتكما"),
    ("acting_president", "ru", "f", "KEN", (),
     ("Ее Превосходительству", "Исполняющей обязанности Президента Республики Кения"),
     "Ваше Превосходительство!", "Ваше Превосходительство"),
    ("consul_general", "ru", "m", "KEN", ("Ивану Петрову",),
     ("г-ну Ивану Петрову,", "Генеральному консулу Республики Кения"),
     "Уважаемый господин Генеральный консул!", "Вы"),
    ("president", "ar", "m", "KEN", ("أوهورو كينياتا",),
     ("فخامة الرئيس أوهورو كينياتا", "رئيس جمهورية كينيا"), "فخامة الرئيس،", "فخامتكم"),
    ("president", "ar", "f", "SGP", ("حليمة يعقوب",),
     ("فخامة الرئيسة حليمة يعقوب", "رئيسة جمهورية سنغافورة"), "فخامة الرئيسة،", "فخامتكم"),
    ("president", "ar", "", "SGP", ("حليمة يعقوب",),
     ("فخامة حليمة يعقوب", "رئيس جمهورية سنغافورة"), "تحية طيبة وبعد،", "فخامتكم"),
    ("king", "ar", "m", "JOR", ("عبد الله الثاني ابن الحسين",),
     ("صاحب الجلالة الملك عبد الله الثاني ابن الحسين", "ملك المملكة الأردنية الهاشمية"),
     "صاحب الجلالة،", "جلالتكم"),
    ("king", "ar", "", "SAU", (),
     ("صاحب الجلالة خادم الحرمين الشريفين، ملك المملكة العربية السعودية",),
     "صاحب الجلالة،", "جلالتكم"),
    ("queen", "ar", "f", "GBR", ("إليزابيث الثانية",),
     ("صاحبة الجلالة الملكة إليزابيث الثانية",
      "ملكة المملكة المتحدة لبريطانيا العظمى وأيرلندا الشمالية"),
     "صاحبة الجلالة،", "جلالتكم"),
    ("sultan", "ar", "m", "OMN", ("هيثم بن طارق",),
     ("صاحب الجلالة السلطان هيثم بن طارق", "سلطان عمان"), "صاحب الجلالة،", "جلالتكم"),
    ("emir", "ar", "m", "QAT", ("تميم بن حمد آل ثاني",),
     ("صاحب السمو تميم بن حمد آل ثاني", "أمير دولة قطر"), "صاحب السمو،", "سموكم"),
    ("pope", "ar", "m", "VAT", ("فرنسيس",),
     ("صاحب القداسة البابا فرنسيس",), "صاحب القداسة،", "قداستكم"),
    ("co_prince", "ar", "m", "AND", ("أ", "ب"),
     ("صاحبا الفخامة أ وب", "الأميران المشاركان لإمارة أندورا"),
     "صاحبي الفخامة،", "فخامتكما"),
    ("captain_regent", "ar", "m", "SMR", ("أ", "ب"),
     ("صاحبا الفخامة أ وب", "القائدان الوصيان لجمهورية سان مارينو"),
     "صاحبي الفخامة،", "فخامتكما"),
    ("prime_minister", "ar", "m", "EGY", ("مصطفى مدبولي",),
     ("دولة السيد مصطفى مدبولي", "رئيس مجلس وزراء جمهورية مصر العربية"),
     "دولة الرئيس،", "دولتكم"),
    ("foreign_minister", "ar", "f", "KEN", (),
     ("معالي وزيرة خارجية جمهورية كينيا",), "معالي الوزيرة،", "معاليكم"),
    ("permanent_representative", "ar", "m", "SAU", (),
     ("سعادة الممثل الدائم للمملكة العربية السعودية لدى الأمم المتحدة",),
     "سعادة السفير،", "سعادتكم"),
    ("transitional_head", "ar", "m", "MLI", (),
     ("فخامة رئيس المجلس الانتقالي في جمهورية مالي",),
     "فخامة الرئيس،", "فخامتكم"),
    ("president", "zh", "m", "KEN", ("乌胡鲁·肯雅塔",),
     ("肯尼亚共和国总统", "乌胡鲁·肯雅塔阁下"), "总统阁下：", "阁下"),
    ("president", "zh", "", "VNM", ("阮春福",),
     ("越南社会主义共和国主席", "阮春福阁下"), "主席阁下：", "阁下"),
    ("king", "zh", "m", "JOR", ("阿卜杜拉二世·本·侯赛因",),
     ("约旦哈希姆王国国王", "阿卜杜拉二世·本·侯赛因陛下"), "国王陛下：", "陛下"),
    ("queen", "zh", "f", "GBR", ("伊丽莎白二世",),
     ("大不列颠及北爱尔兰联合王国女王", "伊丽莎白二世陛下"), "女王陛下：", "陛下"),
    ("emir", "zh", "m", "QAT", (), ("卡塔尔国埃米尔殿下",), "埃米尔殿下：", "殿下"),
    ("sultan", "zh", "m", "OMN", (), ("阿曼苏丹国苏丹陛下",), "苏丹陛下：", "陛下"),
    ("yang_di_pertuan_agong", "zh", "m", "MYS", (),
     ("马来西亚最高元首陛下",), "最高元首陛下：", "陛下"),
    ("pope", "zh", "m", "VAT", ("方济各",), ("教皇方济各陛下",), "教皇陛下：", "陛下"),
    ("co_prince", "zh", "m", "AND", ("甲", "乙"),
     ("安道尔公国大公", "甲和乙阁下"), "两位大公阁下：", "两位阁下"),
    ("captain_regent", "zh", "", "SMR", (),
     ("圣马力诺共和国两位执政官阁下",), "两位执政官阁下：", "两位阁下"),
    ("prime_minister", "zh", "m", "JOR", (), ("约旦哈希姆王国首相阁下",), "首相阁下：", "阁下"),
    ("prime_minister", "zh", "m", "MYS", (), ("马来西亚总理阁下",), "总理阁下：", "阁下"),
    ("consul", "zh", "f", "KEN", ("某某",),
     ("肯尼亚共和国领事", "某某女士"), "领事女士：", "您"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("office", "language", "gender", "state", "names", "address", "salutation", "you"), ADDRESSES
)
def test_address_line_by_line(
    protocol: Protocol,
    office: str,
    language: str,
    gender: str,
    state: str,
    names: tuple[str, ...],
    address: tuple[str, ...],
    salutation: str,
    you: str,
) -> None:
    row = recipient(office, language, *names, state=state, gender=Gender(gender))
    forms = protocol.address(row, language)
    assert (forms.address, forms.salutation, forms.you) == (address, salutation, you)


# ---------------------------------------------------------------------- what languages differ in


def test_russian_declines_how_it_speaks_of_the_person(protocol: Protocol) -> None:
    forms = protocol.address(recipient("prince", "ru"), "ru")
    assert dict(forms.forms) == {
        "you_genitive": "Вашей Светлости",
        "you_dative": "Вашей Светлости",
        "you_accusative": "Вашу Светлость",
        "you_instrumental": "Вашей Светлостью",
        "you_prepositional": "Вашей Светлости",
    }
    assert forms.close == "Прошу Вашу Светлость принять уверения в моем глубочайшем уважении."


def test_russian_name_takes_its_dative_from_the_row(protocol: Protocol) -> None:
    row = Recipient(
        id="BLR-head_of_state",
        state="BLR",
        kind=Kind.HEAD_OF_STATE,
        office="president",
        language="ru",
        status=Status.NOT_JOINED,
        names=("Aleksandr Lukashenko",),
        gender=Gender.MALE,
        localized={
            ("name", "ru"): "Александр Григорьевич Лукашенко",
            ("name_dative", "ru"): "Александру Григорьевичу Лукашенко",
        },
    )
    forms = protocol.address(row, "ru")
    assert forms.address[1] == "г-ну Александру Григорьевичу Лукашенко,"
    assert forms.name == "Александр Григорьевич Лукашенко"


def test_arabic_president_who_is_a_highness(protocol: Protocol) -> None:
    row = recipient(
        "president",
        "ar",
        "خليفة بن زايد آل نهيان",
        state="ARE",
        style="highness",
        honorifics=("sheikh",),
    )
    forms = protocol.address(row, "ar")
    assert forms.address == (
        "صاحب السمو الشيخ خليفة بن زايد آل نهيان",
        "رئيس دولة الإمارات العربية المتحدة",
    )
    assert (forms.salutation, forms.you) == ("صاحب السمو،", "سموكم")


def test_arabic_closes_to_two_holders_in_the_dual(protocol: Protocol) -> None:
    two = protocol.address(recipient("co_prince", "ar", "أ", "ب"), "ar")
    one = protocol.address(recipient("co_prince", "ar", "أ"), "ar")
    assert one.close.startswith("وتفضلوا،")
    assert two.close.startswith("وتفضلا،")


def test_chinese_puts_a_personal_title_after_the_name(protocol: Protocol) -> None:
    row = recipient("president", "zh", "巴尔哈姆·萨利赫", state="IRQ", honorifics=("dr",))
    forms = protocol.address(row, "zh")
    assert forms.address == ("伊拉克共和国总统", "巴尔哈姆·萨利赫博士阁下")


def test_parliament_is_named_by_the_row(protocol: Protocol) -> None:
    def lines(language: str, body: str) -> tuple[str, ...]:
        row = recipient("speaker", language, kind=Kind.PARLIAMENT, body=body, gender=Gender.UNKNOWN)
        return protocol.address(row, language).address

    assert lines("ar", "الجمعية الوطنية") == ("معالي رئيس الجمعية الوطنية", "جمهورية كينيا")
    assert lines("ru", "Национальное собрание") == (
        "Национальное собрание", "Республика Кения", "Спикеру",
    )  # fmt: skip
    assert lines("zh", "国民议会") == ("肯尼亚共和国国民议会议长阁下",)


def test_a_transitional_council_is_named_by_the_row(protocol: Protocol) -> None:
    def lines(language: str, body: str) -> tuple[str, ...]:
        row = recipient("transitional_head", language, body=body)
        return protocol.address(row, language).address

    assert lines("ar", "مجلس السيادة الانتقالي") == (
        "فخامة رئيس مجلس السيادة الانتقالي في جمهورية السودان",
    )
    assert lines("zh", "过渡主权委员会") == ("苏丹共和国过渡主权委员会主席阁下",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mission_is_spoken_of_in_the_third_person(protocol: Protocol, language: str) -> None:
    row = recipient("permanent_mission", language, kind=Kind.MISSION, gender=Gender.UNKNOWN)
    forms = protocol.address(row, language)
    assert forms.address == (forms.body,) == (forms.title,)
    assert (forms.salutation, forms.close) == ("", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_honorifics_are_those_of_english(protocol: Protocol, language: str) -> None:
    known = protocol.language(language).settings["honorifics"]
    assert set(protocol.language("en").settings["honorifics"]) <= set(known)


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("ru", "Бархаму Салиху", "д-ру Бархаму Салиху,"),
        ("ar", "مصطفى مدبولي", "دولة الدكتور مصطفى مدبولي"),
    ],
)
def test_an_honorific_takes_the_place_of_the_courtesy_title(
    protocol: Protocol, language: str, name: str, expected: str
) -> None:
    row = recipient("prime_minister", language, name, honorifics=("dr",))
    assert expected in protocol.address(row, language).address


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_strings_of_the_layout_are_all_translated(protocol: Protocol, language: str) -> None:
    messages = protocol.language(language).messages
    for text in protocol.language("en").short_strings:
        if text:
            translated = messages.gettext(text)
            assert not re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", translated)), translated
