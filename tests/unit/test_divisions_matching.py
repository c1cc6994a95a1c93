"""Two lists held against each other: what codes and names tell, and what they don't."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from geo_registry.demo import tables
from geo_registry.divisions.matching import READ_AS, Ground, Listed, Proposal, propose, stem
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel

TOWN, NEXT_TOWN = "330727101", "330727102"


def listed(**names: str) -> list[Listed]:
    """Divisions by their codes, which are written `c…`, and are filled up with zeros."""
    return [Listed(code[1:].ljust(12, "0"), name) for code, name in names.items()]


def proposed(before: Sequence[Listed], after: Sequence[Listed]) -> dict[str, Proposal]:
    return {each.before.code: each for each in propose(before, after)}


def only(before: Sequence[Listed], after: Sequence[Listed]) -> Proposal:
    (found,) = propose(before, after)
    return found


def test_the_same_code_and_name_go_on() -> None:
    found = only(listed(c330727101201="东川村委会"), listed(c330727101201="东川村委会"))
    assert (found.change, found.certainty) == (DivisionChange.SAME, Certainty.CERTAIN)
    assert found.evidence("统计用区划代码 2018/2021") == "代码与名称相同 (统计用区划代码 2018/2021)"


@pytest.mark.parametrize(
    ("before", "after"),
    [("前于村委会", "前于村村民委员会"), ("何宅村社区居委会", "何宅社区居委会"), ("望湖社区", "望湖社区居委会")],
)
def test_another_way_to_write_the_organisation_is_no_other_name(before: str, after: str) -> None:
    found = only(listed(c330727101201=before), listed(c330727101201=after))
    assert (found.ground, found.change) == (Ground.CODE_AND_STEM, DivisionChange.SAME)


def test_the_same_code_with_another_name_was_probably_renamed() -> None:
    found = only(listed(c330727101201="琅沙村委会"), listed(c330727101201="妙康里村村委会"))
    assert (found.change, found.certainty) == (DivisionChange.RENAMED, Certainty.PROBABLE)


def test_the_same_name_in_the_same_township_probably_has_another_code() -> None:
    found = only(listed(c330727101201="候儿村委会"), listed(c330727101227="候儿村委会"))
    assert (found.ground, found.change, found.certainty) == (
        Ground.NAME_BESIDE,
        DivisionChange.RECODED,
        Certainty.PROBABLE,
    )


def test_a_village_whose_committee_became_a_community_probably_has_another_code() -> None:
    found = only(listed(c330727101219="黄元村委会"), listed(c330727101020="黄元社区居民委员会"))
    assert (found.ground, found.change) == (Ground.STEM_BESIDE, DivisionChange.RECODED)


def test_a_name_is_looked_for_in_the_county_where_the_township_is_gone() -> None:
    before = listed(c330727101="岭上乡", c330727101226="桃源村委会", c330727102="汤溪镇")
    found = proposed(before, listed(c330727102="汤溪镇", c330727102263="桃源村委会"))
    assert found["330727101226"].ground is Ground.NAME_AFTER_ITS_PARENT
    assert found["330727101226"].certainty is Certainty.PROBABLE
    assert found["330727101000"].after is None


def test_the_same_name_in_another_township_is_only_possible_where_the_first_still_is() -> None:
    before = listed(c330727101="大盘镇", c330727101226="桃源村委会", c330727102="汤溪镇")
    found = proposed(before, listed(c330727101="大盘镇", c330727102="汤溪镇", c330727102263="桃源村委会"))
    assert (found["330727101226"].ground, found["330727101226"].certainty) == (
        Ground.NAME_ELSEWHERE,
        Certainty.POSSIBLE,
    )


def test_a_name_of_another_county_is_none() -> None:
    found = only(listed(c330727101226="桃源村委会"), listed(c330784101226="桃源村委会", c330784101227="山村"))
    assert (found.after, found.ground) == (None, Ground.NOTHING)


def test_of_several_with_the_name_none_is_chosen() -> None:
    before = listed(c330727101226="桃源村委会")
    after = listed(c330727101300="桃源村委会", c330727101301="桃源村委会")
    found = only(before, after)
    assert (found.after, found.ground, found.change) == (None, Ground.SEVERAL, None)
    assert list(found.candidates) == after


def test_two_that_would_claim_the_same_one_are_both_unknown() -> None:
    before = listed(c330727101226="王村委会", c330727101227="王村村委会")
    found = propose(before, listed(c330727101300="王村社区居委会"))
    assert [each.after for each in found] == [None, None]


def test_a_township_isnt_taken_for_a_village_of_its_name() -> None:
    found = only(listed(c330727101="新村"), listed(c330727102226="新村"))
    assert found.after is None


def test_villages_that_were_merged_are_unknown_and_never_guessed() -> None:
    before = listed(c330782104259="前山村委会", c330782104260="西坞村委会")
    found = propose(before, listed(c330782104279="潜溪村村民委员会"))
    assert [(each.after, each.change) for each in found] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("name", "level", "expected"),
    [
        ("上潘村委会", DivisionLevel.VILLAGE, "上潘"),
        ("上潘村村民委员会", DivisionLevel.VILLAGE, "上潘"),
        ("上潘社区居民委员会", DivisionLevel.VILLAGE, "上潘"),
        ("村委会", DivisionLevel.VILLAGE, "村委会"),
        ("江南街道办事处", DivisionLevel.TOWNSHIP, "江南"),
        ("岭上乡", DivisionLevel.TOWNSHIP, "岭上"),
        ("金华县", DivisionLevel.COUNTY, "金华"),
        ("金华市", DivisionLevel.CITY, "金华市"),
    ],
)
def test_a_stem_is_the_name_itself(name: str, level: DivisionLevel, expected: str) -> None:
    assert stem(name, level) == expected


def test_every_ground_but_the_two_that_say_nothing_is_read_as_something() -> None:
    assert set(Ground) - set(READ_AS) == {Ground.SEVERAL, Ground.NOTHING}


@pytest.mark.parametrize(("earlier", "later"), [(2018, 2021), (2021, 2023)])
def test_every_division_of_the_whole_city_comes_to_one_end(earlier: int, later: int) -> None:
    lists = tables.lists()
    before, after = ([Listed(*each) for each in lists[year].items()] for year in (earlier, later))
    found = propose(before, after)
    assert [each.before for each in found] == sorted(before, key=lambda each: each.code)
    told = [each for each in found if each.after is not None]
    assert all((each.after is None) == (each.change is None) == (each.certainty is None) for each in found)
    # Nothing of the later list is taken for two of the earlier one.
    assert len({each.after.code for each in told if each.after}) == len(told)
    assert all(each.after in after for each in told)


def test_what_the_lists_of_the_city_tell() -> None:
    lists = tables.lists()
    before, after = ([Listed(*each) for each in lists[year].items()] for year in (2018, 2021))
    changes = Counter(each.change.value if each.change else "unknown" for each in propose(before, after))
    assert changes == {"same": 2_879, "renamed": 35, "recoded": 33, "unknown": 2_034}


def _counted(rows: Sequence[dict[str, str]], year: str, county: str = "") -> tuple[int, int]:
    """Villages and communities of a year's list, and how many of them are villages'."""
    names = [row["village"] for row in rows if row["year"] == year and county in row["county"]]
    return len(names), sum("居" not in name for name in names)


def test_the_shared_lists_tell_the_mergers_as_counts_and_agree_with_what_is_committed(shared_data: Path) -> None:
    path = shared_data / "jinhua" / "jinhua_villages_2010_2017_2018_2021_2023.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [_counted(rows, year)[0] for year in ("2018", "2021")] == [4_822, 3_280]
    # 371 with the communities; the 363 villages became 216 in the list of 2021.
    assert [_counted(rows, year, "磐安") for year in ("2018", "2021")] == [(371, 363), (236, 216)]
    for year in (2018, 2021):
        own = [code for code in tables.lists()[year] if code.startswith("330727") and not code.endswith("000")]
        villages = sum(int(code[9:]) >= 200 for code in own)
        assert (len(own), villages) == _counted(rows, str(year), "磐安")


def test_the_four_villages_of_qianxi_are_of_one_list_and_qianxi_of_the_next() -> None:
    lists = tables.lists()
    mergers = tables.mergers()
    assert {lists[2018][merger.before[0]] for merger in mergers} == {
        "沿华村委会",
        "古塘下村委会",
        "西坞村委会",
        "前山村委会",
    }
    for merger in mergers:
        assert merger.before[0] not in lists[2021]
        assert merger.after[0] not in lists[2018]
        assert lists[2021][merger.after[0]] == "潜溪村村民委员会"
        assert merger.certainty == Certainty.PROBABLE
