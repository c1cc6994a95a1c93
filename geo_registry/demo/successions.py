"""What became of the demonstration's divisions: what its lists tell, and the mergers that are known."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from geo_registry.demo import tables
from geo_registry.divisions.inputs import NewSuccession, OneOf
from geo_registry.divisions.matching import Listed, propose
from geo_registry.vocabulary import Certainty, DivisionChange


def known() -> Sequence[NewSuccession]:
    """All of it; what the lists leave unknown stays so."""
    lists = sorted(tables.lists().items())
    told = [each for earlier, later in pairwise(lists) for each in _by_lists(earlier, later)]
    return [*told, *map(_merger, tables.mergers())]


def _by_lists(earlier: tuple[int, Mapping[str, str]], later: tuple[int, Mapping[str, str]]) -> Iterator[NewSuccession]:
    (first, before), (second, after) = earlier, later
    for each in propose(_listed(before), _listed(after)):
        if each.after is not None and each.change is not None and each.certainty is not None:
            yield NewSuccession(
                before=OneOf(code=each.before.code, vintage=first),
                after=OneOf(code=each.after.code, vintage=second),
                change=each.change,
                evidence=each.evidence(f"统计用区划代码 {first}/{second}"),
                certainty=each.certainty,
            )


def _listed(names: Mapping[str, str]) -> Iterator[Listed]:
    return (Listed(code, name) for code, name in names.items())


def _merger(merger: tables.Merger) -> NewSuccession:
    return NewSuccession(
        before=OneOf(code=merger.before[0], vintage=merger.before[1]),
        after=OneOf(code=merger.after[0], vintage=merger.after[1]),
        change=DivisionChange.of(merger.change),
        evidence=merger.evidence,
        certainty=Certainty.of(merger.certainty),
    )
