"""Lineages of any shape: both ends tell the same, nothing goes round, and what is doubtful is said to be."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from geo_registry.divisions.lineage import MOST_SURE_FIRST, Member, Step, backward, least_sure, onward, present_of
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Fate

VINTAGES = (2010, 2018, 2021, 2023)
NEWEST = {DivisionLevel.VILLAGE: VINTAGES[-1]}
SPACE = UUID(int=0)


def member(vintage: int, number: int) -> Member:
    return Member(
        uuid5(SPACE, f"{vintage}/{number}"), f"33072710120{number}", f"村{number}", DivisionLevel.VILLAGE, vintage
    )


members = st.builds(member, st.sampled_from(VINTAGES), st.integers(0, 3))


@st.composite
def a_step(draw: st.DrawFn) -> Step:
    before = draw(members.filter(lambda each: each.vintage < VINTAGES[-1]))
    after = draw(members.filter(lambda each: each.vintage > before.vintage))
    return Step(
        id=uuid5(before.id, str(after.id)),
        before=before,
        after=after,
        change=draw(st.sampled_from(DivisionChange)),
        happened_on=None,
        evidence="名册",
        certainty=draw(st.sampled_from(Certainty)),
    )


graphs = st.lists(a_step(), max_size=14, unique_by=lambda step: step.id)


@given(graphs, members, members)
def test_both_ends_tell_the_same(steps: Sequence[Step], one: Member, other: Member) -> None:
    leads_on = any(step.after == other for step in onward(one.id, steps))
    came_from = any(step.before == one for step in backward(other.id, steps))
    assert leads_on == came_from
    between = {step.id for step in onward(one.id, steps)} & {step.id for step in backward(other.id, steps)}
    assert bool(between) == leads_on


@given(graphs, members)
def test_a_way_never_goes_round(steps: Sequence[Step], division: Member) -> None:
    found = onward(division.id, steps)
    assert all(step.after.id != division.id for step in found)
    for lead in present_of(division, steps, NEWEST).leads:
        visited = [division, *(step.after for step in lead.chain)]
        assert len({each.id for each in visited}) == len(visited)
        assert all(step.before == earlier for step, earlier in zip(lead.chain, visited, strict=False))
        assert visited[-1] == lead.division


@given(graphs, members)
def test_a_present_division_is_its_own(steps: Sequence[Step], division: Member) -> None:
    found = present_of(division, steps, NEWEST)
    assert (found.fate is Fate.PRESENT) == (division.vintage == VINTAGES[-1])
    if found.fate is Fate.PRESENT:
        assert found.leads == ()


@given(graphs, members.filter(lambda each: each.vintage < VINTAGES[-1]))
def test_every_end_is_told_and_none_is_chosen(steps: Sequence[Step], division: Member) -> None:
    found = present_of(division, steps, NEWEST)
    reached = {step.after for step in onward(division.id, steps)}
    ends = {each for each in reached if all(step.before != each for step in steps)}
    assert {lead.division for lead in found.leads} == ends
    match found.fate:
        case Fate.SEVERAL:
            assert len(ends) > 1
        case Fate.KNOWN | Fate.SUPPOSED:
            (lead,) = found.leads
            assert lead.is_present
            assert (found.fate is Fate.KNOWN) == (lead.certainty is Certainty.CERTAIN)
        case _:
            assert found.fate is Fate.UNKNOWN
            assert not any(lead.is_present for lead in found.leads)


@given(graphs, members)
def test_no_other_way_to_an_end_is_surer_than_the_one_that_is_told(steps: Sequence[Step], division: Member) -> None:
    def surest(target: Member, of: Member) -> int | None:
        """By trying every way; None where there is none."""
        if of == target:
            return 0
        tried = [
            max(MOST_SURE_FIRST.index(step.certainty), rest)
            for step in steps
            if step.before == of and (rest := surest(target, step.after)) is not None
        ]
        return min(tried, default=None)

    for lead in present_of(division, steps, NEWEST).leads:
        assert MOST_SURE_FIRST.index(lead.certainty) == surest(lead.division, division)


@given(graphs, members)
def test_what_is_withdrawn_is_out_of_both_ends(steps: Sequence[Step], division: Member) -> None:
    for step in onward(division.id, steps):
        left = [each for each in steps if each.id != step.id]
        assert step not in onward(division.id, left)
        assert step not in backward(step.after.id, left)


def test_a_chain_is_as_sure_as_its_weakest_step() -> None:
    assert least_sure([Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.PROBABLE]) is Certainty.POSSIBLE
    assert least_sure([]) is Certainty.CERTAIN
