"""Spelling by the rules of 1984: which rule gives each part, what is doubtful, what else it could be."""

import pytest

from geo_registry.errors import SpellingInvalid
from geo_registry.places.romanisation import rules, tables
from geo_registry.places.romanisation.engine import NAME_CHARS, romanise
from geo_registry.places.romanisation.overriding import TRANSCRIBED, with_override
from geo_registry.places.romanisation.pieces import Setting
from geo_registry.places.romanisation.proposal import Proposal
from geo_registry.places.romanisation.rules import RULES
from geo_registry.places.romanisation.syllables import divided, is_legal
from geo_registry.text.keys import keys_of
from geo_registry.text.place_readings import place_readings
from geo_registry.vocabulary import NamePart, PlaceClass, ReadingSource

SPELT = Setting(figures=False)


def _parts(proposal: Proposal) -> list[tuple[str, str, str, str]]:
    return [(part.text, part.letters, part.role.value, part.rule.code) for part in proposal.spelling.parts]


def _others(proposal: Proposal) -> dict[str, str]:
    return {other.spelling.romanized: other.why.code for other in proposal.alternatives}


@pytest.mark.parametrize(
    ("name", "place_class", "parts"),
    [
        (
            "太行山",
            PlaceClass.MOUNTAIN,
            [("太行", "Tàiháng", "specific", "1984-01"), ("山", "Shān", "generic", "1984-01")],
        ),
        (
            "人民东路",
            PlaceClass.STREET,
            [
                ("人民", "Rénmín", "specific", "1984-01"),
                ("东", "Dōng", "modifier", "1984-02"),
                ("路", "lù", "generic", "1984-01"),
            ],
        ),
        ("王村", PlaceClass.VILLAGE, [("王村", "Wángcūn", "specific", "1984-03")]),
        ("渤海湾", PlaceClass.BAY, [("渤海", "Bóhǎi", "specific", "1984-04"), ("湾", "Wān", "generic", "1984-01")]),
        (
            "张之洞路",
            PlaceClass.STREET,
            [("张之洞", "Zhāngzhīdòng", "specific", "1984-05"), ("路", "Lù", "generic", "1984-01")],
        ),
        (
            "五指山",
            PlaceClass.MOUNTAIN,
            [("五指", "Wǔzhǐ", "specific", "1984-06"), ("山", "Shān", "generic", "1984-01")],
        ),
        (
            "经五路",
            PlaceClass.STREET,
            [
                ("经", "Jīng", "modifier", "1984-02"),
                ("五", "5", "numeral", "1984-07"),
                ("路", "Lù", "generic", "1984-01"),
            ],
        ),
        ("第九弄", PlaceClass.STREET, [("第九", "Dì-9", "numeral", "1984-07"), ("弄", "Lòng", "generic", "1984-01")]),
        (
            "1203高地",
            PlaceClass.MOUNTAIN,
            [("1203", "1203", "code", "1984-07"), ("高地", "Gāodì", "generic", "1984-01")],
        ),
        (
            "黄鹤楼",
            PlaceClass.MONUMENT,
            [("黄鹤", "Huánghè", "specific", "1984-01"), ("楼", "Lóu", "generic", "1984-14")],
        ),
        ("三潭印月", PlaceClass.SCENIC_AREA, [("三潭印月", "Sāntányìnyuè", "specific", "1984-15")]),
        (
            "前进四厂",
            PlaceClass.INSTITUTION,
            [
                ("前进", "Qiánjìn", "specific", "1984-01"),
                ("四", "4", "numeral", "1984-16"),
                ("厂", "Chǎng", "generic", "1984-14"),
            ],
        ),
        (
            "浙江省测绘局",
            PlaceClass.INSTITUTION,
            [
                ("浙江", "Zhèjiāng", "specific", "1984-17"),
                ("省", "Shěng", "generic", "1984-17"),
                ("测绘", "Cèhuì", "specific", "1984-01"),
                ("局", "jú", "generic", "1984-14"),
            ],
        ),
        (
            "景宁畲族自治县",
            PlaceClass.DIVISION,
            [
                ("景宁", "Jǐngníng", "specific", "1984-01"),
                ("畲族", "Shēzú", "specific", "3304"),
                ("自治县", "Zìzhìxiàn", "generic", "1984-01"),
            ],
        ),
        (
            "呼和浩特市",
            PlaceClass.DIVISION,
            [("呼和浩特", "Hohhot", "specific", "1976"), ("市", "Shì", "generic", "1984-01")],
        ),
    ],
)
def test_every_part_says_by_which_rule(
    name: str, place_class: PlaceClass, parts: list[tuple[str, str, str, str]]
) -> None:
    assert _parts(romanise(name, place_class)) == parts


@pytest.mark.parametrize(
    ("name", "place_class", "rule"),
    [("西安市", PlaceClass.DIVISION, rules.APOSTROPHE), ("盆儿胡同", PlaceClass.STREET, rules.RETROFLEX)],
)
def test_rules_of_letters_are_told_where_they_act(name: str, place_class: PlaceClass, rule: rules.Rule) -> None:
    assert rule in romanise(name, place_class).spelling.rules
    assert rule not in romanise("金华市", PlaceClass.DIVISION).spelling.rules


def test_readings_tones_and_capitals_are_rules_too() -> None:
    assert romanise("乐清市", PlaceClass.DIVISION).spelling.rules == (
        rules.APART,
        rules.READING,
        rules.TONE,
        rules.CAPITAL,
    )
    assert rules.TONE not in romanise("G60", PlaceClass.ROAD).spelling.rules


def test_the_class_comes_first() -> None:
    assert romanise("西峰镇", PlaceClass.DIVISION).romanized == "Xīfēng Zhèn"
    assert romanise("西峰镇", PlaceClass.VILLAGE).romanized == "Xīfēngzhèn"
    assert romanise("二道沟", PlaceClass.RIVER).romanized == "Èrdào Gōu"
    assert romanise("二道沟", PlaceClass.VILLAGE).romanized == "Èrdàogōu"


@pytest.mark.parametrize(
    ("name", "place_class"),
    [
        ("双溪西路", PlaceClass.STREET),
        ("婺城区", PlaceClass.DIVISION),
        ("金华站", PlaceClass.STATION),
        ("通济桥", PlaceClass.BRIDGE),
        ("尖峰山", PlaceClass.MOUNTAIN),
        ("安地水库", PlaceClass.RESERVOIR),
        ("浙江大学", PlaceClass.INSTITUTION),
        ("王家庄", PlaceClass.VILLAGE),
        ("三潭印月", PlaceClass.OTHER),
    ],
)
def test_without_a_class_the_generic_suggests_one(name: str, place_class: PlaceClass) -> None:
    assert romanise(name).place_class is place_class


def test_a_class_that_nobody_said_is_a_doubt_where_it_matters() -> None:
    village = romanise("潜溪村")
    assert (village.romanized, village.doubtful, _others(village)) == (
        "Qiánxīcūn",
        True,
        {"Qiánxī Cūn": "division"},
    )
    assert not romanise("潜溪村", PlaceClass.VILLAGE).doubtful
    hill = romanise("大虎山")
    assert (hill.romanized, hill.doubtful, _others(hill)) == ("Dàhǔ Shān", True, {"Dàhǔshān": "settlement"})
    assert not romanise("双溪西路").doubtful
    city = romanise("上海")
    assert (city.romanized, city.place_class, _others(city)) == (
        "Shànghǎi",
        PlaceClass.DIVISION,
        {"Shàng Hǎi": "feature"},
    )
    assert romanise("西湖").romanized == "Xī Hú"


def test_the_seat_of_a_committee_may_be_meant_as_a_division() -> None:
    seat = romanise("潜溪村", PlaceClass.COMMITTEE_SEAT)
    assert (seat.romanized, seat.doubtful) == ("Qiánxīcūn", True)
    assert _others(seat) == {"Qiánxī Cūn": "division"}


def test_a_committee_and_what_it_lies_in_are_told_apart() -> None:
    assert romanise("潜溪村村民委员会", PlaceClass.COMMITTEE_SEAT).romanized == "Qiánxīcūn Cūnmín Wěiyuánhuì"
    assert romanise("潜溪村村民委员会", PlaceClass.DIVISION).romanized == "Qiánxī Cūn Cūnmín Wěiyuánhuì"
    seat = romanise("金华市汤溪镇寺平村村民委员会", PlaceClass.COMMITTEE_SEAT)
    assert seat.romanized == "Jīnhuá Shì Tāngxī Zhèn Sìpíngcūn Cūnmín Wěiyuánhuì"
    assert romanise("江南社区", PlaceClass.COMMITTEE_SEAT).romanized == "Jiāngnán Shèqū"
    village = romanise("金华市婺城区汤溪镇寺平村", PlaceClass.VILLAGE)
    assert village.romanized == "Jīnhuá Shì Wùchéng Qū Tāngxī Zhèn Sìpíngcūn"


@pytest.mark.parametrize(
    ("name", "place_class", "code"),
    [
        ("回龙观", PlaceClass.DIVISION, "no-generic"),
        ("平湖秋月", PlaceClass.SCENIC_AREA, "no-generic"),
        ("望京", PlaceClass.RESIDENTIAL_AREA, "no-generic"),
        ("云外飞仙", PlaceClass.OTHER, "no-generic"),
        ("金华前进厂", PlaceClass.INSTITUTION, "words"),
        ("金华市粮储局", PlaceClass.INSTITUTION, "words"),
        ("金华蓝天白云彩虹医院", PlaceClass.INSTITUTION, "words"),
        ("方庄芳古园一区", PlaceClass.RESIDENTIAL_AREA, "words"),
        ("丽泽北小区", PlaceClass.RESIDENTIAL_AREA, "modifier"),
        ("城东南路", PlaceClass.STREET, "modifier"),
        ("双龙西北路", PlaceClass.STREET, "modifier"),
        ("湫头村", PlaceClass.VILLAGE, "reading"),
        ("滧桥", PlaceClass.BRIDGE, "reading"),
    ],
)
def test_what_no_rule_or_table_decides_is_a_doubt(name: str, place_class: PlaceClass, code: str) -> None:
    assert code in {doubt.code for doubt in romanise(name, place_class).doubts}


@pytest.mark.parametrize(
    ("name", "place_class"),
    [
        ("陕西南路", PlaceClass.STREET),
        ("金华火腿厂", PlaceClass.INSTITUTION),
        ("翠苑一区", PlaceClass.RESIDENTIAL_AREA),
        ("三潭印月", PlaceClass.SCENIC_AREA),
        ("上海", PlaceClass.DIVISION),
        ("呼和浩特", PlaceClass.DIVISION),
    ],
)
def test_what_rules_and_tables_decide_is_none(name: str, place_class: PlaceClass) -> None:
    assert not romanise(name, place_class).doubtful


def test_parts_of_estates_and_avenues_are_no_divisions_where_nobody_says_the_class() -> None:
    assert romanise("翠苑一区").place_class is PlaceClass.RESIDENTIAL_AREA
    assert romanise("广州大道中").place_class is PlaceClass.STREET
    assert romanise("城区").place_class is not PlaceClass.RESIDENTIAL_AREA


def test_a_reading_of_one_division_is_not_everybodys() -> None:
    assert romanise("大城县", PlaceClass.DIVISION).romanized == "Dàichéng Xiàn"
    assert romanise("大城县人民医院", PlaceClass.INSTITUTION).romanized == "Dàichéng Xiàn Rénmín Yīyuàn"
    assert romanise("大城山", PlaceClass.MOUNTAIN).romanized == "Dàchéng Shān"


@pytest.mark.parametrize("name", ["会稽", "浚县", "洪洞县", "解州镇", "什刹海", "大栅栏", "区家村", "新区家园"])
def test_a_name_is_heard_as_it_is_spelt(name: str) -> None:
    assert keys_of(name).pinyin == romanise(name).plain.replace(" ", "").lower()


def test_a_reading_that_the_place_decides_is_a_doubt() -> None:
    proposal = romanise("曹家堡", PlaceClass.VILLAGE)
    assert (proposal.romanized, proposal.doubtful) == ("Cáojiābǎo", True)
    assert _others(proposal) == {"Cáojiāpù": "reading", "Cáojiābǔ": "reading"}
    assert not romanise("十里堡", PlaceClass.VILLAGE).doubtful


def test_a_modifier_that_may_be_part_of_the_name_is_a_doubt() -> None:
    proposal = romanise("中山东一路", PlaceClass.STREET)
    assert (proposal.romanized, proposal.doubtful) == ("Zhōngshān Dōng 1 Lù", True)
    assert _others(proposal) == {"Zhōngshāndōng 1 Lù": "modifier"}


def test_a_transcribed_name_has_its_chinese_reading_beside_it() -> None:
    proposal = romanise("呼和浩特", PlaceClass.DIVISION)
    assert (proposal.romanized, _others(proposal)) == ("Hohhot", {"Hūhéhàotè": "chinese-form"})


def test_a_generic_of_another_class_is_a_doubt() -> None:
    proposal = romanise("尖峰山", PlaceClass.STREET)
    assert (proposal.romanized, [doubt.code for doubt in proposal.doubts]) == ("Jiānfēng Shān", ["other-class"])
    assert [doubt.code for doubt in romanise("婺州", PlaceClass.STREET).doubts] == ["no-generic"]


@pytest.mark.parametrize(
    ("name", "place_class", "spelt"),
    [
        ("东四十条", PlaceClass.STREET, "Dōngsì Shítiáo"),
        ("二马路", PlaceClass.STREET, "Èr Mǎlù"),
        ("第九弄", PlaceClass.STREET, "Dìjiǔ Lòng"),
        ("天通苑北一区", PlaceClass.RESIDENTIAL_AREA, "Tiāntōngyuàn Běi Yīqū"),
        ("金华市第一中学", PlaceClass.INSTITUTION, "Jīnhuá Shì Dìyī Zhōngxué"),
    ],
)
def test_ordinals_can_be_spelt(name: str, place_class: PlaceClass, spelt: str) -> None:
    proposal = romanise(name, place_class, setting=SPELT)
    assert proposal.romanized == spelt
    assert rules.ORDINAL_SPELT in proposal.spelling.rules


def test_signs_have_capitals_without_tones() -> None:
    assert romanise("大窑桥路", PlaceClass.STREET).sign == "DAYAOQIAO LU"
    assert romanise("西安路", PlaceClass.STREET).sign == "XI'AN LU"
    assert romanise("吕梁市", PlaceClass.DIVISION).sign == "LÜLIANG SHI"
    assert romanise("绿园区", PlaceClass.DIVISION).plain == "Lüyuan Qu"


def test_what_is_set_apart_in_writing_does_not_matter() -> None:
    assert romanise("Ｇ６０ 沪昆高速", PlaceClass.ROAD).romanized == "G60 Hùkūn Gāosù"
    assert romanise(" 金华站 ", PlaceClass.STATION).romanized == "Jīnhuá Zhàn"


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "empty"), (" · ", "empty"), ("西街（东段）", "character"), ("村" * (NAME_CHARS + 1), "too-long")],
)
def test_what_cannot_be_spelt_says_why(name: str, code: str) -> None:
    proposal = romanise(name, PlaceClass.STREET)
    assert proposal.refused is not None
    assert proposal.refused.code == code
    assert (proposal.romanized, proposal.sign, proposal.doubtful) == ("", "", True)


# A registrar's spelling.


def test_a_registrars_spelling_wins_and_the_proposal_stays_beside_it() -> None:
    proposed = romanise("解州镇", PlaceClass.DIVISION)
    decided = with_override(proposed, " Xièzhōu  Zhèn ", by="li.ming")
    assert (decided.romanized, decided.sign, decided.given_by, decided.doubtful) == (
        "Xièzhōu Zhèn",
        "XIEZHOU ZHEN",
        "li.ming",
        False,
    )
    assert decided.spelling.rules[0] is rules.OVERRIDE
    assert decided.spelling.parts[0].source is ReadingSource.OVERRIDE
    assert _others(decided)["Hàizhōu Zhèn"] == "proposed"
    again = with_override(decided, "Hàizhōu Zhèn", by="wang.fang")
    assert (again.romanized, again.given_by) == ("Hàizhōu Zhèn", "wang.fang")
    assert "Hàizhōu Zhèn" not in _others(again)


def test_a_registrar_spells_what_the_engine_cannot() -> None:
    refused = romanise("𠮷村", PlaceClass.VILLAGE)
    assert refused.refused is not None
    decided = with_override(refused, "Jícūn", by="li.ming")
    assert (decided.romanized, decided.refused) == ("Jícūn", None)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("大川淀一巷", "Dàchuāndiàn 1 Xiàng"),
        ("第九弄", "Dì-9 Lòng"),
        ("330国道", "330 Guódào"),
        ("盆儿胡同", "Pénr Hútòng"),
        ("西安路", "Xī’ān Lù"),
        ("石头城", "Shítou Chéng"),
    ],
)
def test_spellings_that_can_stand(name: str, spelling: str) -> None:
    assert with_override(romanise(name), spelling, by="x").romanized == spelling.replace("’", "'")


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("金华市", ""),
        ("金华市", "Jinhua Shi"),
        ("金华市", "jīnhuá Shì"),
        ("金华市", "JĪNHUÁ SHÌ"),
        ("金华市", "Jīnhuá"),
        ("金华市", "Jīnhuá Shì Qū"),
        ("金华市", "Jīnhuáx Shì"),
        ("金华市", "Jīnhuá Shì!"),
        ("金华市", "<b>Jīnhuá</b> Shì"),
        ("西安市", "Xīān Shì"),
        ("金华市", "Jiīnhuá Shì"),
        ("解放路", "Jiěfàng B2"),
        ("呼和浩特市", "Hohhot Shì"),
        ("新兴街", "Rénmín Jiē"),
        ("新兴街", "Xīnxīng Lù"),
    ],
)
def test_spellings_that_cannot_stand(name: str, spelling: str) -> None:
    with pytest.raises(SpellingInvalid):
        with_override(romanise(name), spelling, by="x")


def test_a_transcribed_spelling_has_no_tones_and_says_so() -> None:
    proposal = romanise("额济纳旗", PlaceClass.DIVISION)
    assert with_override(proposal, "Ejin Qí", by="x", transcribed=True).romanized == "Ejin Qí"
    assert with_override(proposal, "Sa'gya Qí", by="x", transcribed=True).romanized == "Sa'gya Qí"
    with pytest.raises(SpellingInvalid):
        with_override(proposal, "Ejín9 Qí", by="x", transcribed=True)


# The tables.


def test_rules_have_codes_of_their_own_and_say_what_they_say() -> None:
    assert all(code == rule.code and rule.zh and rule.en for code, rule in RULES.items())
    assert {rule.article for rule in RULES.values() if rule.source == rules.RULES_OF_1984} == {
        str(article) for article in (*range(1, 13), 14, 15, 16, 17)
    }


def test_generics_are_read_character_by_character() -> None:
    for text, generic in tables.generics().items():
        assert sum(map(len, generic.words)) == len(text), text
        assert generic.classes, text


def test_readings_are_pinyin_one_syllable_a_character() -> None:
    for text, reading in place_readings().items():
        for syllables in (reading.syllables, *reading.others):
            assert len(syllables) == len(text), text
            assert all(map(is_legal, syllables)), text
        assert reading.syllables not in reading.others, text


def test_transcribed_names_are_of_the_letters_that_there_are() -> None:
    for name, transcribed in tables.transcribed().items():
        for word in transcribed.spelling.split():
            assert TRANSCRIBED.fullmatch(word) or divided(word.lower()), name


@pytest.mark.parametrize("part", list(NamePart))
def test_every_role_is_one_that_names_have(part: NamePart) -> None:
    names = ("双溪西路", "前进四厂", "1203高地")
    assert part in {each.role for name in names for each in romanise(name).spelling.parts}


@pytest.mark.parametrize(
    ("name", "place_class", "spelt"),
    [
        ("一号桥", PlaceClass.BRIDGE, "1 Hàoqiáo"),
        ("1号楼", PlaceClass.BUILDING, "1 Hàolóu"),
        ("1号办公楼", PlaceClass.BUILDING, "1 Hào Bàngōnglóu"),
        ("建设二号路", PlaceClass.STREET, "Jiànshè 2 Hàolù"),
        ("地铁一号线", PlaceClass.RAILWAY, "Dìtiě 1 Hàoxiàn"),
        ("5号", PlaceClass.STREET, "5 Hào"),
        ("一百零一路", PlaceClass.STREET, "101 Lù"),
        ("统一街", PlaceClass.STREET, "Tǒngyī Jiē"),
        ("东三环北路", PlaceClass.STREET, "Dōng 3 Huán Běilù"),
        ("钱江四桥", PlaceClass.BRIDGE, "Qiánjiāng Sìqiáo"),
        ("二十四桥", PlaceClass.BRIDGE, "Èrshísì Qiáo"),
        ("长江第三大桥", PlaceClass.BRIDGE, "Chángjiāng Dìsān Dàqiáo"),
        ("第三机床厂", PlaceClass.INSTITUTION, "Dì-3 Jīchuángchǎng"),
        ("翠苑一区", PlaceClass.RESIDENTIAL_AREA, "Cuìyuàn 1 Qū"),
        ("三区", PlaceClass.RESIDENTIAL_AREA, "3 Qū"),
    ],
)
def test_what_is_counted_or_numbered(name: str, place_class: PlaceClass, spelt: str) -> None:
    assert romanise(name, place_class).romanized == spelt


@pytest.mark.parametrize("name", ["双溪西路", "双溪 西路", " 双溪  西 路"])
def test_spaces_between_characters_do_not_matter(name: str) -> None:
    assert romanise(name, PlaceClass.STREET).romanized == "Shuāngxī Xīlù"


def test_a_form_that_the_national_table_does_not_have_is_a_doubt() -> None:
    assert [doubt.code for doubt in romanise("人民東路", PlaceClass.STREET).doubts] == ["unlisted"]
    assert not romanise("人民东路", PlaceClass.STREET).doubts
