"""The rules of names: for each what breaks it, what nearly does and doesn't, and why."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from geo_registry.places.rules import characters, generics, law, scopes
from geo_registry.places.rules.collisions import all_collisions, collisions
from geo_registry.places.rules.findings import LAW, Basis, Finding, Subject, in_order, in_words, rules
from geo_registry.places.rules.names import findings_by_itself
from geo_registry.places.rules.surroundings import (
    bound,
    date_findings,
    dialect_findings,
    divisions_held,
    elsewhere_findings,
    end_findings,
    ends_of,
    feature_findings,
    number_of,
    outside_findings,
    overlap_findings,
    place_findings,
    serial_of,
    series_findings,
    streets_held,
    streets_within,
)
from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass, Severity

CITY, SUBURB = UUID(int=1), UUID(int=2)
JIANGNAN, CHENGDONG = "330702001000", "330702002000"
CLASSES = {each.value: each for each in PlaceClass}


def named(name: str, place_class: str = "street", **over: Any) -> Subject:
    values: dict[str, Any] = {"id": uuid4(), "division": JIANGNAN} | over
    return Subject(name=name, place_class=CLASSES[place_class], **values)


def codes(findings: Iterable[Finding]) -> set[str]:
    return {finding.code.value for finding in findings}


# A name by itself: article 9, items 1 to 7.

BY_ITSELF = [
    # item, code, what breaks it, what doesn't, and why not
    ("1", "meaning", ("帝豪花园", "residential-area"), ("豪溪花园", "residential-area"), "豪 alone is a character of names"),
    ("2", "grandiose", ("环球大厦", "building"), ("环城大厦", "building"), "around the town, not around the globe"),
    ("2", "generic-unfit", ("人民大桥", "street"), ("大桥路", "street"), "a street may be called after a bridge"),
    ("2", "generic-unfit", ("金帆大厦", "residential-area"), ("金帆小区", "residential-area"), "a generic part of its class"),
    ("", "generic-missing", ("李渔", "street"), ("李渔路", "street"), "it says what it is"),
    ("", "generic-missing", ("清风明月", "residential-area"), ("周口店", "village"), "a village needs no generic part"),
    ("", "specific-missing", ("大道", "street"), ("大道路", "street"), "大道 is its specific part"),
    ("3", "script", ("CBD路", "street"), ("西山路", "street"), "all of it is in Chinese characters"),
    ("3", "figures", ("3弄", "street"), ("三弄", "street"), "written in characters"),
    ("3", "character-uncommon", ("鳤溪村", "village"), ("鳜溪村", "village"), "鳜 is of level 2"),
    ("3", "character-unlisted", ("東山路", "street"), ("东山路", "street"), "the form of the table"),
    ("3", "character-unlisted", ("㙟头村", "village"), ("埠头村", "village"), "埠 is in the table"),
    ("4", "leader-name", ("毛泽东路", "street"), ("泽东路", "street"), "not the whole name"),
    ("4", "leader-name", ("朱德路", "street"), ("朱德生路", "street"), "朱德 isn't the whole specific part"),
    ("4", "personal-name", ("张之洞路", "street"), ("张洞路", "street"), "two characters are no sign of a person"),
    ("4", "personal-name", ("李志强路", "street"), ("李渡口路", "street"), "渡口 is no given name"),
    ("4", "personal-name", ("欧阳海水库", "reservoir"), ("欧江水库", "reservoir"), "欧 is no family name of the list"),
    ("5", "foreign-name", ("曼哈顿广场", "building"), ("曼塘广场", "building"), "only its first character is"),
    ("5", "foreign-name", ("罗马花园", "residential-area"), ("骆马花园", "residential-area"), "other characters"),
    ("5", "foreign-name", ("京都路", "street"), ("南京都市路", "street"), "of 南京, not of 京都"),
    ("5", "foreign-name", ("金华罗马花园", "residential-area"), ("阿罗马花园", "residential-area"), "no known place before it"),
    ("5", "foreign-name", ("小曼彻斯特公园", "park"), ("曼彻公园", "park"), "not the whole name"),
    ("5", "foreign-name", ("列宁路", "street"), ("陈列宁路", "street"), "it begins before"),
    ("6", "brand-name", ("金地路", "street"), ("黄金地路", "street"), "gold, not the company"),
    ("6", "brand-name", ("义乌万达广场", "building"), ("千万达广场", "building"), "no known place before it"),
    ("4", "leader-name", ("李希路", "street"), ("希望路", "street"), "a word"),
    ("4", "leader-name", ("陈毅路", "street"), ("陈毅然路", "street"), "somebody else"),
    ("4", "personal-name", ("泽东路", "street"), ("泽东村路", "street"), "a village's name"),
    ("4", "personal-name", ("黄大仙路", "street"), ("黄大山路", "street"), "a mountain's name"),
    ("5", "foreign-name", ("日本街", "street"), ("今日本草街", "street"), "it begins before"),
    ("5", "foreign-name", ("南非路", "street"), ("江南非遗街", "street"), "江南/非遗"),
    ("6", "brand-name", ("横店集团路", "street"), ("集团路", "street"), "nothing says which"),
    ("6", "brand-name", ("工商银行大厦", "building"), ("银行街", "street"), "a street of banks"),
    ("2", "grandiose", ("首都花园", "residential-area"), ("古都花园", "residential-area"), "it says nothing of the capital"),
    ("1", "meaning", ("富豪花园", "residential-area"), ("富春花园", "residential-area"), "a river's name"),
    ("4", "personal-name", ("汪洋路", "street"), ("海洋路", "street"), "a common word that is a leader's name too"),
    ("4", "personal-name", ("陈望道路", "street"), ("望道路", "street"), "not the whole name"),
    ("4", "personal-name", ("宗泽路", "street"), ("宗泽坊路", "street"), "宗泽 isn't the whole specific part"),
    ("6", "brand-name", ("万达大厦", "building"), ("万安大厦", "building"), "no company of the list"),
    ("7", "renowned-feature", ("泰山", "mountain"), ("泰山路", "street"), "a street isn't a natural feature"),
    ("7", "renowned-homophone", ("太山", "mountain"), ("东泰山", "mountain"), "another name"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "code", "breaks", "near", "why"), BY_ITSELF)
def test_a_name_breaks_a_rule_and_a_near_miss_does_not(
    item: str, code: str, breaks: tuple[str, str], near: tuple[str, str], why: str
) -> None:
    met = [each for each in findings_by_itself(named(*breaks)) if each.code.value == code]
    assert met
    assert met[0].basis.item == (int(item) if item else None)
    assert met[0].basis.article == 9
    assert code not in codes(findings_by_itself(named(*near))), why


ELSEWHERE_RENOWNED = [
    ("西湖", "lake", "330106000000"),
    ("雁荡山", "mountain", "330382000000"),
    ("四明山", "mountain", "330281000000"),
    ("千岛湖", "lake", "330127000000"),
    ("珠穆朗玛峰", "mountain", "540223000000"),
    ("鼓浪屿", "island", "350203000000"),
    ("黄果树瀑布", "waterfall", "520400000000"),
    ("趵突泉", "spring", "370102000000"),
    ("长江", "river", "320100000000"),
]


@pytest.mark.parametrize(("name", "place_class", "home"), ELSEWHERE_RENOWNED)
def test_a_renowned_feature_is_itself_where_it_lies_and_nowhere_else(name: str, place_class: str, home: str) -> None:
    assert "renowned-feature" in codes(findings_by_itself(named(name, place_class))), "in Jinhua"
    assert "renowned-feature" in codes(findings_by_itself(named(name, place_class, division=None)))
    assert "renowned-feature" not in codes(findings_by_itself(named(name, place_class, division=home)))


def test_a_renowned_feature_of_a_county_is_itself_where_only_its_city_is_known() -> None:
    assert "renowned-feature" not in codes(findings_by_itself(named("西湖", "lake", division="330100000000")))
    assert "renowned-feature" in codes(findings_by_itself(named("西湖", "lake", division="330000000000")))
    assert "renowned-feature" in codes(findings_by_itself(named("西湖", "lake", division="330102000000")))


def test_a_variant_written_traditionally_is_read_before_it_is_compared() -> None:
    assert "foreign-name" in codes(findings_by_itself(named("羅馬花园", "residential-area")))


@pytest.mark.parametrize("name", ["人民路", "中山路", "江南街", "解放西路", "八一南街", "明月楼巷", "通济街", "婺州街"])
def test_an_ordinary_name_has_no_findings(name: str) -> None:
    assert list(findings_by_itself(named(name))) == []


SIZES = [
    ("人民大道", "street", {"width_m": 18.0}, "generic-size"),
    ("人民大道", "street", {"width_m": 40.0, "length_m": 2000.0}, None),
    ("人民大道", "street", {}, None),
    ("石榴巷", "street", {"width_m": 30.0}, "generic-size"),
    ("石榴巷", "street", {"width_m": 4.0}, None),
    ("金都广场", "residential-area", {"area_m2": 900.0}, "generic-size"),
    ("金都广场", "residential-area", {"area_m2": 10_000.0}, None),
    ("金都广场", "residential-area", {"area_m2": "not a number"}, None),
]


@pytest.mark.parametrize(("name", "place_class", "detail", "code"), SIZES)
def test_a_generic_part_goes_with_the_size(
    name: str, place_class: str, detail: Mapping[str, object], code: str | None
) -> None:
    found = codes(findings_by_itself(named(name, place_class, detail=detail)))
    assert found == ({code} if code else set())


def test_a_finding_says_what_is_usual_and_what_was_measured() -> None:
    (finding,) = findings_by_itself(named("人民大道", detail={"width_m": 18}))
    assert finding.message("zh-CN") == "通名“大道”一般要求宽不小于 40 米，实际18 米"
    assert finding.message("en") == "the generic part 大道 is usual for at least 40 m wide; measured: 18 m wide"
    assert not finding.basis.verified


# Against other names: article 9, items 7 and 8, and Zhejiang's additions.


def same(one: Subject, other: Subject) -> set[str]:
    """What is found of one against the other; the other way about it is the same (else this fails)."""
    here, there = codes(collisions(one, [other])), codes(collisions(other, [one]))
    assert here == there
    both = {subject.id: finding.code.value for subject, finding in all_collisions([one, other])}
    assert set(both.values()) == here
    return here


ANOTHER = {"division": "330703001000"}
IN_THE_CITY: Mapping[str, Any]
IN_THE_SUBURB: Mapping[str, Any]
IN_THE_CITY, IN_THE_SUBURB = {"areas": frozenset({CITY})}, {"areas": frozenset({SUBURB})}

DIVISION = "division"
PAIRS: list[tuple[str, Callable[[], tuple[Subject, Subject]], set[str]]] = [
    ("two streets of one built-up area", lambda: (named("人民路", **IN_THE_CITY), named("人民路", **IN_THE_CITY)), {"duplicate"}),
    ("across the border of two built-up areas", lambda: (named("人民路", **IN_THE_CITY), named("人民路", **IN_THE_SUBURB)), set()),
    ("in one area and outside all", lambda: (named("人民路", **IN_THE_CITY), named("人民路", lon=119.6, lat=29.0)), set()),
    ("in one area and nobody knows where, one township", lambda: (named("人民路", **IN_THE_CITY), named("人民路")), {"duplicate"}),
    ("in one area and somewhere in the county", lambda: (named("人民路", **IN_THE_CITY), named("人民路", division="330702000000")), {"duplicate"}),
    ("in one area and nobody knows where, two townships", lambda: (named("人民路", **IN_THE_CITY), named("人民路", division=CHENGDONG)), set()),
    ("a street that crosses both areas", lambda: (named("人民路", areas=frozenset({CITY, SUBURB})), named("人民路", **IN_THE_SUBURB)), {"duplicate"}),
    ("a street and an estate", lambda: (named("人民", "street", **IN_THE_CITY), named("人民", "residential-area", **IN_THE_CITY)), set()),
    ("an estate and a building are one pool", lambda: (named("金都花园", "residential-area", **IN_THE_CITY), named("金都花园", "building", **IN_THE_CITY)), {"duplicate"}),
    ("no area drawn, one township", lambda: (named("人民路"), named("人民路")), {"duplicate"}),
    ("no area drawn, two townships", lambda: (named("人民路"), named("人民路", division=CHENGDONG)), set()),
    ("no area drawn, only the county known", lambda: (named("人民路"), named("人民路", division="330702000000")), {"duplicate"}),
    ("no division known of either", lambda: (named("人民路", division=None), named("人民路", division=None)), set()),
    ("another form of the characters", lambda: (named("谿口路"), named("溪口路")), {"duplicate-folded"}),
    ("figures and characters", lambda: (named("江南3街"), named("江南三街")), {"duplicate-folded"}),
    ("another street of nearly that name", lambda: (named("人民路"), named("人民东路")), set()),
    ("the same sound", lambda: (named("中山路"), named("钟山路")), {"homophone"}),
    ("other tones are the same sound", lambda: (named("长安路"), named("常安路")), {"homophone"}),
    ("n for ng", lambda: (named("金山路"), named("荆山路")), {"near-homophone"}),
    ("l for n", lambda: (named("兰溪路"), named("南溪路")), {"near-homophone"}),
    ("z for zh", lambda: (named("宗三路"), named("中山路")), {"near-homophone"}),
    ("another vowel", lambda: (named("东山路"), named("西山路")), set()),
    ("two counties, wherever", lambda: (named("江北区", DIVISION, level=DivisionLevel.COUNTY, division="330205000000"), named("江北区", DIVISION, level=DivisionLevel.COUNTY, division="500105000000")), {"duplicate"}),
    ("a county and a town of that name", lambda: (named("江北", DIVISION, level=DivisionLevel.COUNTY, division="330205000000"), named("江北", DIVISION, level=DivisionLevel.TOWNSHIP, division=JIANGNAN)), set()),
    ("two towns of a province", lambda: (named("白沙镇", DIVISION, level=DivisionLevel.TOWNSHIP), named("白沙镇", DIVISION, level=DivisionLevel.TOWNSHIP, division="330881100000")), {"duplicate"}),
    ("two towns of two provinces", lambda: (named("白沙镇", DIVISION, level=DivisionLevel.TOWNSHIP), named("白沙镇", DIVISION, level=DivisionLevel.TOWNSHIP, division="320100100000")), set()),
    ("two sub-districts in Zhejiang", lambda: (named("江南街道", DIVISION, level=DivisionLevel.TOWNSHIP), named("江南街道", DIVISION, level=DivisionLevel.TOWNSHIP, division="330784002000")), {"duplicate"}),
    ("two sub-districts elsewhere", lambda: (named("江南街道", DIVISION, level=DivisionLevel.TOWNSHIP, division="320100100000"), named("江南街道", DIVISION, level=DivisionLevel.TOWNSHIP, division="320200100000")), set()),
    ("two committees of a county", lambda: (named("新桥村", "committee-seat"), named("新桥村", "committee-seat", division=CHENGDONG)), {"duplicate"}),
    ("a committee's name in three forms", lambda: (named("潜溪村", "committee-seat"), named("潜溪村民委员会", "committee-seat", division=CHENGDONG)), {"duplicate-folded"}),
    ("two forms with the committee", lambda: (named("潜溪村委会", DIVISION, level=DivisionLevel.VILLAGE, division="330702001201"), named("潜溪村民委员会", "committee-seat", division=CHENGDONG)), {"duplicate-folded"}),
    ("a village's name with its own 村", lambda: (named("大安村村委会", "committee-seat"), named("大安村民委员会", "committee-seat", division=CHENGDONG)), {"duplicate-folded"}),
    ("a community's committee", lambda: (named("潜溪社区", "committee-seat"), named("潜溪社区居委会", "committee-seat", division=CHENGDONG)), {"duplicate-folded"}),
    ("a village's and a neighbourhood's committee of one village", lambda: (named("芝英一村委会", "committee-seat"), named("芝英一村居委会", "committee-seat", division=CHENGDONG)), set()),
    ("a village's and a neighbourhood's committee", lambda: (named("潜溪村委会", "committee-seat"), named("潜溪居委会", "committee-seat", division=CHENGDONG)), set()),
    ("a natural village and a committee elsewhere in the county", lambda: (named("潜溪村", "village"), named("潜溪村委会", "committee-seat", division=CHENGDONG)), set()),
    ("two committees of two counties", lambda: (named("新桥村", "committee-seat"), named("新桥村", "committee-seat", **ANOTHER)), set()),
    ("a village and the seat of its committee", lambda: (named("新桥村", DIVISION, level=DivisionLevel.VILLAGE, division="330702001201"), named("新桥村", "committee-seat", division="330702001201")), set()),
    ("a village and the seat of its committee, known by its township", lambda: (named("新桥村委会", DIVISION, level=DivisionLevel.VILLAGE, division="330702001201"), named("新桥村", "committee-seat")), set()),
    ("a village and a seat in another township", lambda: (named("新桥村委会", DIVISION, level=DivisionLevel.VILLAGE, division="330702001201"), named("新桥村", "committee-seat", division=CHENGDONG)), {"duplicate-folded"}),
    ("two natural villages of a township in Zhejiang", lambda: (named("上宅", "village"), named("上宅", "village")), {"duplicate"}),
    ("two natural villages of two townships", lambda: (named("上宅", "village"), named("上宅", "village", division=CHENGDONG)), set()),
    ("two natural villages of a township elsewhere", lambda: (named("上宅", "village", division="320100100000"), named("上宅", "village", division="320100100000")), set()),
    ("two bridges: no scope in the law", lambda: (named("通济桥", "bridge"), named("通济桥", "bridge")), set()),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "expected"), [pytest.param(*row[1:], id=row[0]) for row in PAIRS])
def test_two_names(pair: Callable[[], tuple[Subject, Subject]], expected: set[str]) -> None:
    assert same(*pair()) == expected


def test_a_collision_says_with_what_how_far_and_by_which_article() -> None:
    here = named("人民路", lon=119.65, lat=29.08, areas=frozenset({CITY}))
    there = named("人民路", lon=119.66, lat=29.08, areas=frozenset({CITY}))
    (finding,) = collisions(here, [there])
    assert finding.severity is Severity.ERROR
    assert finding.basis.cited == "《地名管理条例》第九条第（八）项"
    assert finding.collides_with is not None
    assert (finding.collides_with.id, finding.collides_with.name) == (there.id, "人民路")
    assert finding.collides_with.distance_m == pytest.approx(972, abs=3)
    assert finding.message("zh-CN") == "与“人民路”重名：同一建成区内街路巷不应重名"
    assert (
        finding.message("en") == "the same name as 人民路: no two streets within one built-up area may be called alike"
    )


def test_what_is_compared_without_a_position_says_so() -> None:
    (finding,) = collisions(named("人民路", **IN_THE_CITY), [named("人民路")])
    assert not finding.basis.verified
    assert "没有位置" in finding.basis.noted("zh")
    assert "no position" in finding.basis.noted("en")
    (sure,) = collisions(named("人民路", **IN_THE_CITY), [named("人民路", **IN_THE_CITY)])
    assert (sure.basis.verified, sure.basis.note) == (True, "")


def test_a_division_that_does_not_say_its_level_is_held_against_every_level() -> None:
    asked = named("义乌", DIVISION, division="330700000000")
    others = [
        named("义乌市", DIVISION, level=DivisionLevel.COUNTY, division="330782000000"),
        named("义乌镇", DIVISION, level=DivisionLevel.TOWNSHIP, division="330881100000"),
        named("义乌镇", DIVISION, level=DivisionLevel.TOWNSHIP, division="320100100000"),
        named("衣物市", DIVISION, level=DivisionLevel.COUNTY, division="120100000000"),
    ]
    found = collisions(asked, others)
    assert {(each.code.value, each.collides_with.id) for each in found if each.collides_with} == {
        ("duplicate", others[0].id),
        ("duplicate", others[1].id),
        ("homophone", others[3].id),
    }
    assert all("层级不明" in each.basis.note and not each.basis.verified for each in found)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CBD大道", "CBD"),
        ("A座、B座", "A B"),
        ("<script>alert(1)</script>路", "<script>alert(1)</script>"),
        ('=HYPERLINK("x")路', '=HYPERLINK("x")'),
    ],
)
def test_what_is_not_chinese_is_told_as_it_is_written(name: str, said: str) -> None:
    (finding,) = [each for each in findings_by_itself(named(name)) if each.code is FindingCode.SCRIPT]
    assert finding.message("zh-CN") == f"“{said}”不是国家通用文字"


def test_every_note_is_said_in_english_too() -> None:
    for basis in bases():
        assert bool(basis.note) is bool(basis.note_en)
        assert basis.noted("en").isascii()
    assert all(rule.basis.note for rule in rules().values() if not rule.basis.verified)
    for code in (FindingCode.OUTSIDE, FindingCode.FROM_FEATURE):
        assert not rules()[code].basis.verified, "the rule as it is applied is the registry's own"


def test_a_rule_whose_text_was_not_read_says_so() -> None:
    (finding,) = collisions(named("上宅", "village"), [named("上宅", "village")])
    assert not finding.basis.verified
    assert finding.basis.cited == "《浙江省地名管理办法》"


def test_of_many_duplicates_the_nearest_are_told() -> None:
    others = [named("人民路", lon=119 + number / 1000, lat=29.0) for number in range(50)]
    found = collisions(named("人民路", lon=119.0, lat=29.0), others)
    assert len(found) == 20
    assert [each.collides_with.id for each in found if each.collides_with] == [each.id for each in others[:20]]


def test_a_name_does_not_collide_with_itself() -> None:
    one = named("人民路")
    assert collisions(one, [one]) == []


def test_a_thousand_of_one_name_are_compared_within_their_scopes_alone() -> None:
    """A million comparisons would take seconds."""
    towns = [named("中山路", division=f"33{1000 + number:04d}001000"[:12]) for number in range(1000)]
    twin = named("中山路", division=towns[7].division)
    found = list(all_collisions([*towns, twin]))
    assert {subject.id for subject, _ in found} == {towns[7].id, twin.id}


# Against what lies around it.


def test_a_name_that_holds_a_divisions_name_lies_in_it() -> None:
    estate = named("金东花园", "residential-area")
    assert codes(elsewhere_findings(estate, {"金东": ["330703000000"]}, {})) == {"name-elsewhere"}
    assert codes(elsewhere_findings(named("婺城花园", "residential-area"), {"婺城": ["330702000000"]}, {})) == set()
    two = {"江南": ["330784002000", JIANGNAN]}
    assert codes(elsewhere_findings(named("江南花园", "residential-area"), two, {})) == set()
    far = named("金东花园", "residential-area", division="320100100000")
    assert codes(elsewhere_findings(far, {"金东": ["330703000000"]}, {})) == set(), "no such rule there"
    assert codes(elsewhere_findings(named("上海路"), {"上海": ["310000000000"]}, {})) == set(), "a street may be"


def test_a_name_that_holds_a_streets_name_lies_along_it() -> None:
    estate = named("人民路小区", "residential-area")
    assert codes(elsewhere_findings(estate, {}, {"人民路": 501})) == {"name-elsewhere"}
    assert codes(elsewhere_findings(estate, {}, {"人民路": None})) == {"name-elsewhere"}
    assert codes(elsewhere_findings(estate, {}, {"人民路": 500})) == set()
    assert codes(elsewhere_findings(estate, {}, {})) == set()


def test_a_division_is_not_called_after_a_famous_feature_or_what_reaches_beyond_it() -> None:
    town = {"level": DivisionLevel.TOWNSHIP}
    assert codes(feature_findings(named("黄山镇", "division", **town), [])) == {"division-from-feature"}
    assert codes(feature_findings(named("双龙镇", "division", **town), [named("双龙洞", "spring")])) == {
        "division-from-feature"
    }
    assert codes(feature_findings(named("双溪镇", "division", **town), [])) == set()
    assert codes(feature_findings(named("黄山路"), [])) == set(), "a street may be"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("雁荡镇", "雁荡山"),
        ("莫干镇", "莫干山"),
        ("武当街道", "武当山"),
        ("峨眉镇", "峨眉山"),
        ("昆仑街道", "昆仑山"),
        ("良渚街道", "良渚"),
        ("周口店镇", "周口店"),
        ("莫高镇", None),
        ("龙门石窟街道", "龙门石窟"),
        ("龙门镇", None),
        ("白马镇", None),
        ("黄镇", None),
    ],
)
def test_a_division_is_not_called_after_the_specific_part_of_what_is_famous(name: str, other: str | None) -> None:
    found = list(feature_findings(named(name, "division", level=DivisionLevel.TOWNSHIP), []))
    assert [each.details["other"] for each in found] == ([other] if other else [])
    assert all(not each.basis.verified and "名单" in each.basis.note for each in found)


def test_what_is_a_persons_is_called_so() -> None:
    for name in ("艾青故居", "陈望道故居", "宗泽墓", "施光南纪念馆"):
        assert "personal-name" not in codes(findings_by_itself(named(name, "monument")))
    assert "leader-name" in codes(findings_by_itself(named("毛泽东故居", "monument"))), "of leaders somebody says why"


def test_a_leader_who_is_called_like_a_common_word_is_no_error() -> None:
    for name in ("汪洋路", "李强路", "万里街", "韩正街"):
        (finding,) = findings_by_itself(named(name))
        assert (finding.code, finding.severity) == (FindingCode.PERSON, Severity.WARNING)


def test_a_facility_agrees_with_its_place() -> None:
    assert codes(place_findings(named("白龙桥站", "station"), ["白龙桥镇", "婺城"])) == set()
    assert codes(place_findings(named("白龙站", "station"), ["乾西乡", "婺城"])) == {"facility-disagrees"}
    assert codes(place_findings(named("婺城变电所", "power"), ["乾西乡", "婺城"])) == set()
    assert codes(place_findings(named("白龙站", "station"), [])) == set(), "nothing is known of its place"
    assert codes(place_findings(named("白龙路", "street"), ["乾西乡"])) == set(), "no facility"


def test_the_extent_of_another_name_is_not_run_over() -> None:
    assert codes(overlap_findings([(named("中山路"), 100.0)])) == {"extent-overlap"}
    assert codes(overlap_findings([(named("中山路"), 99.0)])) == set(), "a crossing"


def test_a_street_reaches_the_ends_that_are_told_of_it() -> None:
    street = named("人民路", detail={"begins_at": "南起中山路", "ends_at": "北至人民广场"})
    assert ends_of(street) == {"begins_at": "中山路", "ends_at": "人民广场"}
    assert ends_of(named("人民路", detail={"begins_at": "解放路"})) == {"begins_at": "解放路"}
    (finding,) = end_findings({"begins_at": ("中山路", 340.2), "ends_at": ("人民广场", 100.0)})
    assert finding.message("zh-CN") == "记载起于“中山路”，实际相距 340 米"
    assert finding.message("en") == "is said to begin at 中山路, and ends 340 m away from it"


def test_an_end_of_a_street_is_bound_once() -> None:
    measured = {"begins_at": ("中山路", {1: 0.0, 2: 800.0}), "ends_at": ("八一街", {1: 50.0, 2: 700.0})}
    assert bound(measured) == {"begins_at": ("中山路", 0.0), "ends_at": ("八一街", 700.0)}
    assert bound({"ends_at": measured["ends_at"]}) == {"ends_at": ("八一街", 50.0)}, "whichever it is"
    area = {"begins_at": ("中山路", {0: 3.0}), "ends_at": ("八一街", {0: 4.0})}
    assert bound(area) == {"begins_at": ("中山路", 3.0), "ends_at": ("八一街", 4.0)}
    assert bound({}) == {}


def test_a_series_has_no_gap() -> None:
    names = ["江南一街", "江南二街", "江南四街", "江北三街", "江南三路"]
    (finding,) = series_findings(named("江南二街"), names)
    assert finding.details["missing"] == "江南三街"
    assert finding.message("zh") == "“江南二街”所在的序列缺“江南三街”"
    assert list(series_findings(named("江南一街"), names)) == []
    assert list(series_findings(named("江南2街"), [*names, "江南3街"])) == []


def missing(name: str, *others: str) -> list[str]:
    return [finding.details["missing"] for finding in series_findings(named(name), others)]


def test_a_series_has_no_gap_before_a_name_either() -> None:
    assert missing("江南五街", "江南一街", "江南二街", "江南三街") == ["江南四街"]
    assert missing("江南四街", "江南一街", "江南二街") == ["江南三街"]
    assert missing("江南二街") == ["江南一街"], "a series begins with one"
    assert missing("江南五街", "江南一街", "江南八街") == ["江南二街至江南四街", "江南六街至江南七街"]
    assert missing("江南一街") == missing("江南二街", "江南一街") == []
    (finding,) = series_findings(named("江南四街"), ["江南一街"])
    assert finding.message("en") == "the series of 江南四街 lacks 江南二街 to 江南三街"


@pytest.mark.parametrize(
    ("text", "number"),
    [("三", 3), ("十", 10), ("十二", 12), ("二十", 20), ("二十一", 21), ("五一", None), ("一二九", None), ("〇", None)],
)
def test_numbers_that_are_counted_with(text: str, number: int | None) -> None:
    assert number_of(text) == number
    assert (serial_of(f"江南{text}街") is not None) is (number is not None)


def test_dates_are_in_order() -> None:
    street = named("人民路", detail={"built_from": "2014-03", "built_to": "2015-06-01"})
    assert codes(date_findings(street, date(2015, 5, 31))) == {"dates-order"}
    assert codes(date_findings(street, date(2015, 6, 1))) == set()
    assert codes(date_findings(named("人民路", detail={"built_from": "2016", "built_to": "2015"}), None)) == {
        "dates-order"
    }
    assert codes(date_findings(named("人民路", detail={"built_from": "明", "built_to": "2015"}), None)) == set()


def test_a_place_lies_in_its_division() -> None:
    assert codes(outside_findings("婺城区", inside=False)) == {"outside-division"}
    assert codes(outside_findings("婺城区", inside=True)) == set()
    assert codes(outside_findings(None, inside=None)) == set()


def test_where_the_dialect_counts_it_is_said_that_it_was_not_heard() -> None:
    assert codes(dialect_findings(named("人民路", division="330203001000"))) == {"dialect-unchecked"}
    assert codes(dialect_findings(named("人民路"))) == set()


# The tables.


def test_every_code_has_its_row() -> None:
    assert set(rules()) == set(FindingCode)


def bases() -> list[Basis]:
    local = [each.basis for each in (*scopes.dialects(), *scopes.elsewhere())]
    return [*(rule.basis for rule in rules().values()), *(scope.basis for scope in scopes.scopes()), *local]


@pytest.mark.parametrize("basis", bases(), ids=lambda basis: f"{basis.cited} {basis.phrase}")
def test_every_article_that_is_shown_says_what_it_is_cited_for(basis: Basis) -> None:
    if basis.law != LAW:
        assert not basis.verified, "its text isn't at hand"
        assert basis.article is None, "no number that wasn't read"
        return
    assert basis.phrase
    assert basis.phrase in law.cited_text(basis)


def test_the_articles_stand_so_in_the_law(shared_data: Path) -> None:
    text = (shared_data / "law" / "地名管理条例.md").read_text(encoding="utf-8")
    for number, article in law.articles().items():
        whole = text.partition(f"\n第{in_words(number)}条 ")[2].partition("\n第")[0]
        assert whole.startswith(article.lead)
        for at, item in enumerate(article.items, 1):
            assert f"（{in_words(at)}）{item}" in whole


def test_rows_that_were_not_read_say_so() -> None:
    assert all(not rule.basis.note or not rule.basis.verified for rule in rules().values())
    assert [scope.key for scope in scopes.scopes() if not scope.basis.verified] == [
        "sub-districts-in-zhejiang",
        "natural-villages-in-zhejiang",
    ]


def test_the_table_of_characters_is_whole() -> None:
    lines = characters.TABLE.read_text(encoding="utf-8").splitlines()
    assert [len(line) for line in lines] == [3500, 3000, 1605]
    assert len(set("".join(lines))) == 8105
    assert [characters.level_of(each) for each in "一矗乂裏亍蠼"] == [1, 1, 2, None, 3, 3]


def test_every_class_that_needs_a_generic_part_has_some() -> None:
    for place_class, each in generics.by_class().items():
        assert each.optional or each.words, place_class


@pytest.mark.parametrize(("number", "words"), [(9, "九"), (10, "十"), (11, "十一"), (25, "二十五"), (40, "四十")])
def test_numbers_as_laws_write_them(number: int, words: str) -> None:
    assert in_words(number) == words


def test_findings_come_in_their_order() -> None:
    found = [*findings_by_itself(named("CBD1街")), *collisions(named("CBD1街"), [named("CBD1街")])]
    assert [each.severity for each in in_order(found)] == sorted(
        (each.severity for each in found), key=list(Severity).index
    )


CALLED = {
    "义乌市": ["330782000000"],
    "义乌": ["330782000000"],
    "江南街道": ["330702001000"],
    "江南": ["330702001000"],
    "白龙桥镇": ["330702002000"],
    "白龙桥": ["330702002000"],
    "城区": ["140502000000"],
}
HELD: tuple[tuple[str, set[str], str], ...] = (
    ("江南花园", {"江南"}, "a name begins with a township's, without what it is"),
    ("滨江南苑", set(), "two characters that follow one another by chance"),
    ("新江南街道大厦", {"江南街道"}, "further in, the whole name"),
    ("新义乌花园", {"义乌"}, "further in, a county's without what it is"),
    ("新白龙桥家园", {"白龙桥"}, "three characters aren't there by chance"),
    ("义乌白龙桥大厦", {"义乌", "白龙桥"}, "two of them"),
    ("义乌市场", {"义乌市"}, "as it is written, 市场 or not: a person decides"),
    ("义乌市大厦", {"义乌市"}, "the longest at its place"),
    ("新城区大厦", set(), "城区 is in every town"),
    ("石榴花园", set(), "none"),
)


@pytest.mark.parametrize(("name", "held", "why"), HELD, ids=[each[0] for each in HELD])
def test_a_name_holds_a_divisions_name_wherever_it_stands(name: str, held: set[str], why: str) -> None:
    assert set(divisions_held(name, CALLED)) == held, why


STREETS = {"人民路", "中山路", "新中山路", "江南街", "中路", "建设中路", "八一大街"}
ON_STREETS: tuple[tuple[str, list[str], str], ...] = (
    ("人民路小区", ["人民路"], "at the beginning"),
    ("万科中山路小区", ["中山路"], "further in"),
    ("新中山路小区", ["新中山路"], "another street, whose name holds it"),
    ("江南街道大厦", [], "a division, not the street"),
    ("江南街小区", ["江南街"], "the street"),
    ("建设中路花园", ["建设中路"], "the longest"),
    ("和平中路花园", [], "中路 is the end of a street that isn't known"),
    ("中山路", [], "the name itself is none that it holds"),
    ("人民路中山路口大厦", ["人民路", "中山路"], "two of them"),
    ("解放路小区", [], "there is no such street"),
    ("八一大街小区", ["八一大街"], "with a generic part of two characters"),
)


@pytest.mark.parametrize(("name", "held", "why"), ON_STREETS, ids=[each[0] for each in ON_STREETS])
def test_a_name_holds_a_streets_name_wherever_it_stands(name: str, held: list[str], why: str) -> None:
    assert streets_held(name, STREETS) == held, why
    assert set(held) <= set(streets_within(name))
