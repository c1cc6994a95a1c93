"""The part of a name that a question met, and the order of hits."""

import pytest

from geo_registry.errors import NearInvalid, SearchEmpty, SearchTooLong
from geo_registry.search.inputs import MAX_CHARS, MAX_HITS, Near, Question
from geo_registry.search.marking import marked
from geo_registry.search.ranking import DIVISION_RANKS, FACILITY_RANKS, NOT_OPEN, facility_rank, score
from geo_registry.vocabulary import DivisionLevel, FacilityKind, FacilityStatus, Match


@pytest.mark.parametrize(
    ("name", "plain", "match", "part"),
    [
        ("江南街道", "江南街道", Match.EXACT, "江南街道"),
        ("江南街道", "江南", Match.PREFIX, "江南"),
        ("（江南）街道", "江南街", Match.PREFIX, "江南）街"),
        ("婺城区江南街道", "江南", Match.CONTAINED, "江南"),
        ("江南街道", "jiangn", Match.PINYIN, "江南"),
        ("江南街道", "jiang", Match.PINYIN, "江"),
        ("江南街道", "江n", Match.PINYIN, "江南"),
        ("江南街道", "jn", Match.INITIALS, "江南"),
        ("ＣＢＤ服务中心", "cbd", Match.PREFIX, "ＣＢＤ"),
        ("<b>江南</b>", "江南", Match.CONTAINED, "江南"),
        ("𠮷村居委会", "𠮷村", Match.PREFIX, "𠮷村"),
    ],
)
def test_the_part_that_was_met_is_marked(name: str, plain: str, match: Match, part: str) -> None:
    found = marked(name, plain, match)
    assert found is not None
    assert name[found[0] : found[1]] == part


def test_nothing_is_marked_where_the_code_was_meant() -> None:
    assert marked("婺城区", "330702", Match.CODE) is None


def test_nothing_is_marked_where_characters_fold_together() -> None:
    assert marked("\u1100\u1161村", "\uac00", Match.PREFIX) is None


def test_every_level_has_a_rank_of_its_own() -> None:
    assert [DIVISION_RANKS[level.value] for level in DivisionLevel] == [1, 2, 3, 4, 5]
    assert not set(DIVISION_RANKS.values()) & {facility_rank(kind.value, "open") for kind in FacilityKind}
    assert FACILITY_RANKS.keys() <= {kind.value for kind in FacilityKind}


def test_what_does_not_serve_comes_last() -> None:
    for status in set(FacilityStatus) - {FacilityStatus.OPEN}:
        assert facility_rank("marriage-hall", status.value) == NOT_OPEN


def test_scores_fall_from_way_to_way_whatever_the_rank() -> None:
    ways = [Match.CODE, Match.EXACT, Match.PREFIX, Match.PINYIN, Match.INITIALS, Match.CONTAINED]
    scores = [score(match, rank) for match in ways for rank in range(1, NOT_OPEN + 1)]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert max(scores) <= 1


@pytest.mark.parametrize("text", ["", "  ", "，。", "%_", "<>&="])
def test_a_question_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(SearchEmpty):
        Question.parse(text, limit=10)


def test_a_question_that_no_name_is_as_long_as_is_refused() -> None:
    assert Question.parse("村" * MAX_CHARS, limit=10).plain == "村" * MAX_CHARS
    with pytest.raises(SearchTooLong):
        Question.parse("村" * (MAX_CHARS + 1), limit=10)


def test_more_hits_than_the_most_count_as_the_most() -> None:
    assert Question.parse("村", limit=10_000).limit == MAX_HITS


@pytest.mark.parametrize("text", ["", "119.65", "119.65,29.08,1", "a,b", "nan,29", "181,0", "0,91", "inf,0"])
def test_a_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NearInvalid):
        Near.parse(text)


def test_a_position_is_longitude_and_latitude() -> None:
    assert Near.parse(" 119.65, 29.08") == Near(lon=119.65, lat=29.08)
