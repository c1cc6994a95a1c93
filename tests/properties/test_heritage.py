"""Heritage by property: criteria follow what is told, more evidence never takes one away, and files stay pictures."""

from hypothesis import given
from hypothesis import strategies as st

from geo_registry.errors import PictureRefused
from geo_registry.heritage.criteria import Said, claimable, criteria_of, keys, outcomes
from geo_registry.heritage.pictures import read_picture
from geo_registry.heritage.years import ERAS, years_of
from geo_registry.vocabulary import CriterionState, HeritageKind
from tests.unit.test_heritage import jpeg, png, webp

YEAR = 2026
kinds = st.sampled_from(list(HeritageKind))
years = st.one_of(
    st.just(""),
    st.integers(100, YEAR).map(str),
    st.integers(1, 1000).map(lambda year: f"前{year}年"),
    st.sampled_from(sorted(ERAS)),
    st.text(max_size=5),
)
supported = st.sets(st.sampled_from(sorted(keys())))
said = st.builds(
    Said,
    founded=years,
    named=years,
    disused=years,
    restored=years,
    claims=st.dictionaries(st.sampled_from(sorted(claimable())), st.booleans()),
    supported=supported,
)


@given(kinds, said)
def test_each_criterion_of_a_kind_is_told_once_and_why(kind: HeritageKind, told: Said) -> None:
    found = outcomes(kind, told, year=YEAR)
    assert [each.criterion for each in found] == list(criteria_of(kind))
    assert all(each.zh and each.en for each in found)


@given(kinds, said, supported)
def test_more_evidence_never_takes_a_criterion_away(kind: HeritageKind, told: Said, more: set[str]) -> None:
    before = outcomes(kind, told, year=YEAR)
    with_more = Said(told.founded, told.named, told.disused, told.restored, told.claims, {*told.supported, *more})
    for one, other in zip(before, outcomes(kind, with_more, year=YEAR), strict=True):
        assert one.state is other.state or (one.state, other.state) == (CriterionState.UNTOLD, CriterionState.MET)


@given(kinds, said)
def test_what_is_met_is_borne_out_and_claimed(kind: HeritageKind, told: Said) -> None:
    for each in outcomes(kind, told, year=YEAR):
        if each.state is CriterionState.MET:
            assert each.criterion.key in told.supported
            assert each.criterion.since or told.claims[each.criterion.key] is True


@given(st.integers(1, 3000), st.integers(0, 1000))
def test_an_older_town_is_never_refused_for_its_age(year: int, older: int) -> None:
    """Whether before our era or in it; states only go one way with age."""
    order = [CriterionState.NOT_MET, CriterionState.MET]

    def state(counted: int) -> CriterionState:
        words = f"公元{counted}年" if counted > 0 else f"前{1 - counted}年"
        told = Said(founded=words, supported=("founded",))
        return outcomes(HeritageKind.ANCIENT_TOWN, told, year=YEAR)[0].state

    began = YEAR - year
    assert order.index(state(began - older)) >= order.index(state(began))
    assert (state(began) is CriterionState.MET) is (year >= 1000)


@given(st.text(max_size=30))
def test_years_are_read_or_not_and_in_order(text: str) -> None:
    found = years_of(text)
    assert found is None or found.earliest <= found.latest


@given(st.one_of(st.binary(max_size=200), st.builds(lambda at, by, of: of[:at] + by + of[at:], st.integers(0, 60), st.binary(max_size=8), st.sampled_from([png(), jpeg(), webp()]))))  # fmt: skip
def test_a_file_is_a_picture_or_refused(content: bytes) -> None:
    """Whatever it holds; and what is kept is kept the same again."""
    try:
        found = read_picture(content)
    except PictureRefused:
        return
    assert read_picture(found.content) == found
