"""Announcements as values: the legal minimum, what can't be so, and the sentences that a real notice is made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from geo_registry.cases.announced import ACTION_OF, MINIMUM, Announced, AnnouncedName, FormerName, missing_of
from geo_registry.cases.wording import described, lead, quantity, sentence, sides_between, title_of
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import CaseKind, FlawCode, NameAction, PartFate, PlaceClass, Severity

LIYU = AnnouncedName(
    "李渔路",
    PlaceClass.STREET,
    romanized="Lǐyú Lù",
    division="婺城区",
    sides=("东", "西"),
    detail={
        "grade": "主干路",
        "begins_at": "双溪西路",
        "ends_at": "双龙南街",
        "length_m": 1520,
        "width_m": 24,
        "surface": "沥青",
        "built_from": "2019",
        "built_to": "2021",
    },
    meaning="纪念清代戏曲家李渔",
)
RENAMED = AnnouncedName(
    "婺江东路",
    PlaceClass.STREET,
    NameAction.RENAME,
    "Wùjiāng Dōnglù",
    (FormerName("江滨路"), FormerName("北一弄", PartFate.ABSORBED), FormerName("老街", PartFate.SPLIT, "东段")),
    division="婺城区",
    position="江北街道",
)
NOTICE = Announced(
    "关于命名的公告",
    "金华市民政局",
    (LIYU,),
    announced_on=date(2026, 2, 20),
    approving_body="金华市人民政府",
    approved_on=date(2026, 2, 10),
    approval_number="金政地〔2026〕3号",
    basis=(Basis("地名管理条例", 12), Basis("地名管理条例", 14), Basis("浙江省地名管理办法")),
)


def flaws(notice: Announced) -> list[tuple[FlawCode, Severity, int | None]]:
    return [(flaw.code, flaw.severity, flaw.at) for flaw in missing_of(notice)]


def one(**over: object) -> Announced:
    """The notice with one name, changed."""
    return replace(NOTICE, names=(replace(LIYU, **over),))  # type: ignore[arg-type]


def of_detail(**over: object) -> Announced:
    detail: Mapping[str, object] = {**LIYU.detail, **over}
    return one(detail=detail)


def test_a_whole_notice_lacks_nothing() -> None:
    assert flaws(NOTICE) == []


@pytest.mark.parametrize(
    ("notice", "code"),
    [
        (one(name=" "), FlawCode.NAME_MISSING),
        (one(romanized=""), FlawCode.ROMANIZED_MISSING),
        (one(division=""), FlawCode.DIVISION_MISSING),
        (one(detail={}, position=""), FlawCode.POSITION_MISSING),
        (replace(NOTICE, approving_body=""), FlawCode.APPROVER_MISSING),
        (replace(NOTICE, approved_on=None), FlawCode.APPROVED_ON_MISSING),
        (replace(NOTICE, names=()), FlawCode.NAMES_MISSING),
    ],
)
def test_each_part_of_the_legal_minimum_is_missed_with_its_basis(notice: Announced, code: FlawCode) -> None:
    (flaw,) = [flaw for flaw in missing_of(notice) if flaw.severity is Severity.ERROR]
    assert flaw.code is code
    assert flaw.basis == MINIMUM
    assert "未核实" in flaw.message("zh")
    assert "not verified" in flaw.message("en")


def test_an_abolished_name_needs_no_reading_and_no_position() -> None:
    notice = one(action=NameAction.ABOLISH, romanized="", detail={}, position="")
    assert flaws(notice) == []


@pytest.mark.parametrize(
    ("notice", "code", "severity"),
    [
        (of_detail(built_to="2026-03"), FlawCode.BUILT_LATER, Severity.WARNING),
        (of_detail(built_to="2027"), FlawCode.BUILT_LATER, Severity.WARNING),
        (of_detail(built_to="2018"), FlawCode.BUILT_BEFORE_BEGUN, Severity.ERROR),
        (of_detail(built_to="不详"), FlawCode.DATE_UNCLEAR, Severity.WARNING),
        (of_detail(length_m=0), FlawCode.NOT_POSITIVE, Severity.ERROR),
        (of_detail(width_m=-24), FlawCode.NOT_POSITIVE, Severity.ERROR),
        (of_detail(width_m=float("nan")), FlawCode.NOT_POSITIVE, Severity.ERROR),
        (of_detail(length_m=24, width_m=1520), FlawCode.WIDE, Severity.WARNING),
        (one(action=NameAction.RENAME), FlawCode.FORMER_MISSING, Severity.WARNING),
    ],
)
def test_what_can_not_be_so_of_a_name_is_flagged_at_it(notice: Announced, code: FlawCode, severity: Severity) -> None:
    assert flaws(notice) == [(code, severity, 0)]


def test_what_was_built_in_the_year_of_the_notice_may_have_been_built_before_it() -> None:
    assert flaws(of_detail(built_to="2026")) == []


def test_a_draft_is_held_against_the_approval() -> None:
    draft = replace(of_detail(built_to="2026-03"), announced_on=None)
    assert flaws(draft) == [(FlawCode.BUILT_LATER, Severity.WARNING, 0)]


def test_what_can_not_be_so_of_the_whole_is_told() -> None:
    early = replace(NOTICE, announced_on=date(2026, 2, 9))
    assert flaws(early) == [(FlawCode.ANNOUNCED_EARLY, Severity.ERROR, None)]
    assert flaws(replace(NOTICE, corrects="1号")) == [(FlawCode.REASON_MISSING, Severity.ERROR, None)]
    assert flaws(replace(NOTICE, approval_number="")) == [(FlawCode.APPROVAL_NUMBER_MISSING, Severity.NOTE, None)]
    unread = replace(NOTICE, basis=(Basis("浙江省地名管理办法", verified=False, note="正文未见", note_en="not read"),))
    (flaw,) = missing_of(unread)
    assert flaw.message("zh") == "依据未核实（《浙江省地名管理办法》：正文未见）"
    assert flaw.message("en").endswith("(《浙江省地名管理办法》: not read)")


def test_a_name_that_stands_twice_is_an_error_at_both_but_pools_are_apart() -> None:
    twice = replace(NOTICE, names=(LIYU, replace(LIYU, meaning="")))
    assert flaws(twice) == [(FlawCode.REPEATED, Severity.ERROR, 0), (FlawCode.REPEATED, Severity.ERROR, 1)]
    estate = replace(LIYU, place_class=PlaceClass.RESIDENTIAL_AREA)
    assert flaws(replace(NOTICE, names=(LIYU, estate))) == []


def test_errors_come_before_what_is_only_to_be_known() -> None:
    notice = replace(of_detail(built_to="2027"), approval_number="", approving_body="")
    assert [flaw.severity for flaw in missing_of(notice)] == [Severity.ERROR, Severity.WARNING, Severity.NOTE]


def test_a_message_names_the_name_or_its_place() -> None:
    (flaw,) = missing_of(of_detail(length_m=-5))
    assert flaw.message("zh") == "李渔路：应大于 0（长度（米） −5）"
    assert flaw.message("en") == "李渔路: must be more than 0 (length, m −5)"
    assert missing_of(one(name=""))[0].message("zh").startswith("#1：缺标准名称")


# The sentences


def test_a_street_reads_like_a_notice() -> None:
    assert sentence(LIYU, "zh") == (
        "李渔路（Lǐyú Lù）：主干路，位于婺城区，东起双溪西路，西至双龙南街，长1520米，宽24米，沥青路面，"
        "2019年—2021年建成。含义：纪念清代戏曲家李渔。"
    )
    assert sentence(LIYU, "en") == (
        "李渔路 (Lǐyú Lù): arterial road, in 婺城区, from 双溪西路 in the east to 双龙南街 in the west, 1,520 m long, 24 m wide, "
        "surface: asphalt, built 2019–2021. Meaning: 纪念清代戏曲家李渔."
    )


def test_what_became_of_former_names_is_told() -> None:
    assert described(RENAMED, "zh") == (
        "道路，位于婺城区，江北街道，由“江滨路”更名，原“北一弄”并入，由“老街”东段析出。"
    )
    assert described(RENAMED, "en") == (
        "street, in 婺城区, 江北街道, formerly 江滨路, takes in 北一弄, split off from 老街 (东段)."
    )


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"begins_at": "南起中山路", "ends_at": "北至人民广场"}, "南起中山路，北至人民广场"),
        ({"begins_at": "起于中山路", "ends_at": "止于人民广场"}, "起于中山路，止于人民广场"),
        ({"direction": "由西向东"}, "西起双溪西路，东至双龙南街"),
        ({"direction": "东西走向"}, "东西走向，起于双溪西路，止于双龙南街"),
        ({"direction": "东西"}, "东西走向，起于双溪西路，止于双龙南街"),
        ({"direction": "呈弧形", "begins_at": ""}, "呈弧形，止于双龙南街"),
    ],
)
def test_which_end_is_which_is_told_only_where_it_is_known(over: Mapping[str, object], said: str) -> None:
    name = replace(LIYU, sides=None, detail={**LIYU.detail, **over})
    assert f"位于婺城区，{said}，长" in described(name, "zh")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (NameAction.ABOLISH, "予以销名"),
        (NameAction.STANDARDISE, "定为标准名称"),
        (NameAction.ADJUST, "名称不变，范围调整"),
        (NameAction.LIST, "列入地名文化遗产保护名录"),
    ],
)
def test_a_decision_that_gives_no_new_name_says_what_it_does(action: NameAction, said: str) -> None:
    assert said in described(replace(LIYU, action=action), "zh")


def test_a_position_that_begins_with_its_division_says_it_once() -> None:
    assert "位于婺城区多湖街道，" in described(replace(LIYU, position="婺城区多湖街道"), "zh")


def test_building_dates_are_told_as_far_as_they_are_known() -> None:
    def built(**dates: str) -> str:
        return described(replace(LIYU, meaning="", detail=dates), "zh")

    assert built(built_to="2021-05").endswith("，2021年5月建成。")
    assert built(built_from="1950s").endswith("，1950年代始建。")
    assert built(built_from="2021", built_to="2021").endswith("，2021年建成。")
    assert built(built_to="乾隆末年").endswith("，乾隆末年建成。")
    assert built(built_to="不详") == "道路，位于婺城区。"


def test_the_lead_names_laws_approval_and_what_is_decided_on_how_many() -> None:
    fifteen = replace(NOTICE, names=(LIYU,) * 15)
    assert lead(fifteen, "zh") == (
        "根据《地名管理条例》《浙江省地名管理办法》有关规定，经金华市人民政府于2026年2月10日批准（金政地〔2026〕3号），"
        "决定对下列15条道路予以命名，现予公告："
    )
    mixed = replace(NOTICE, names=(LIYU, RENAMED, replace(LIYU, place_class=PlaceClass.BRIDGE)))
    assert "决定对下列2个地名予以命名、1条道路予以更名，现予公告：" in lead(mixed, "zh")
    assert "名单见附件，现予公告。" in lead(mixed, "zh", annexed=True)
    assert "the following 2 names are named and 1 street is renamed:" in lead(mixed, "en")


def test_a_correction_says_what_it_corrects_and_why() -> None:
    corrected = replace(NOTICE, corrects="金民告〔2026〕1号", reason="长度有误。")
    assert lead(corrected, "zh") == (
        "金华市人民政府于2026年2月10日批准（金政地〔2026〕3号）、我单位公告（金民告〔2026〕1号）公布的下列1条道路，"
        "有关内容需要更正（长度有误），现予更正："
    )
    assert "金民告〔2026〕1号" in lead(corrected, "en")


def test_what_is_not_known_leaves_no_empty_brackets() -> None:
    bare = Announced("", "", (replace(LIYU, romanized="", meaning="", detail={}, division=""),))
    assert lead(bare, "zh") == "决定对下列1条道路予以命名，现予公告："
    assert lead(bare, "en") == "The following 1 street is named:"
    assert sentence(bare.names[0], "zh") == "李渔路：道路。"


def test_titles_say_how_many_and_what_is_done() -> None:
    assert title_of("金华市民政局", (LIYU,), "zh") == "金华市民政局关于李渔路命名的公告"
    assert title_of("金华市民政局", (LIYU, RENAMED), "zh") == "金华市民政局关于李渔路等2条道路命名、更名的公告"
    assert title_of("金华市民政局", (LIYU,), "zh", corrects=True).endswith("命名的更正公告")
    assert title_of("X", (LIYU, RENAMED), "en") == "Announcement by X: naming and renaming of 2 streets"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1520, "1520", "1,520"),
        (1234567.5, "1234567.5", "1,234,567.5"),
        (24.0, "24", "24"),
        (-1520, "−1520", "−1,520"),
        ("24", "", ""),
        (True, "", ""),
        (None, "", ""),
    ],
)
def test_measures_are_written_in_groups_of_three(value: object, zh: str, en: str) -> None:
    assert (quantity(value, "zh"), quantity(value, "en")) == (zh, en)


def test_every_kind_of_case_has_its_decision() -> None:
    assert set(ACTION_OF) == set(CaseKind)
    assert set(ACTION_OF.values()) == set(NameAction)


@pytest.mark.parametrize(
    ("ends", "course", "sides"),
    [
        ((119.62, 29.10), None, ("西", "东")),
        ((119.58, 29.10), None, ("东", "西")),
        ((119.60, 29.08), None, ("北", "南")),
        ((119.62, 29.12), None, ("西南", "东北")),
        # What is said of its course goes before how it is drawn.
        ((119.62, 29.12), "东西走向", ("西", "东")),
        ((119.62, 29.12), "南北", ("南", "北")),
        ((119.62, 29.10), "由东向西", ("东", "西")),
        ((119.60, 29.10), None, None),
    ],
)
def test_sides_are_told_by_the_first_and_the_last_position(
    ends: tuple[float, float], course: str | None, sides: tuple[str, str] | None
) -> None:
    assert sides_between((119.60, 29.10), ends, course=course) == sides
