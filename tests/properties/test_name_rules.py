"""Rules of names, by property: what is told of one name against another is told the other way about; the same is always told."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from geo_registry.places.rules.collisions import Heard, all_collisions, collisions, likeness
from geo_registry.places.rules.findings import Finding, Subject
from geo_registry.places.rules.names import findings_by_itself
from geo_registry.places.rules.scopes import scopes
from geo_registry.text.homophones import canonical
from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass

PARTS = some.sampled_from(
    ["中山", "钟山", "宗三", "人民", "江南1", "江南一", "谿口", "溪口", "東山", "东山", "金山", "荆山"]
)
GENERICS = some.sampled_from(["路", "街", "镇", "街道", "村", "花园", "县", "山"])
CODES = some.sampled_from(["330702001000", "330702002000", "330702000000", "330703001000", "320100100000", None])
AREAS = some.frozensets(some.sampled_from([UUID(int=1), UUID(int=2)]), max_size=2)
CLASSES = some.sampled_from(
    [PlaceClass.STREET, PlaceClass.RESIDENTIAL_AREA, PlaceClass.BUILDING, PlaceClass.VILLAGE, PlaceClass.COMMITTEE_SEAT, PlaceClass.DIVISION]
)  # fmt: skip
SUBJECTS = some.builds(
    lambda part, generic, place_class, division, areas, level, id_: Subject(
        name=part + generic,
        place_class=place_class,
        id=id_,
        level=level if place_class is PlaceClass.DIVISION else None,
        division=division,
        areas=areas,
    ),
    PARTS,
    GENERICS,
    CLASSES,
    CODES,
    AREAS,
    some.sampled_from(DivisionLevel),
    some.uuids(),
)
SAME = {FindingCode.DUPLICATE, FindingCode.DUPLICATE_FOLDED}


def told(one: Subject, findings: list[Finding]) -> set[tuple[UUID | None, str, UUID | None]]:
    return {(one.id, each.code.value, each.collides_with.id) for each in findings if each.collides_with}


@given(SUBJECTS, SUBJECTS)
def test_what_collides_does_so_both_ways(one: Subject, other: Subject) -> None:
    here, there = told(one, list(collisions(one, [other]))), told(other, list(collisions(other, [one])))
    assert {(with_, code, own) for own, code, with_ in here} == there
    assert likeness(Heard.of(one), Heard.of(other)) == likeness(Heard.of(other), Heard.of(one))


@given(SUBJECTS, SUBJECTS)
def test_what_is_written_for_one_another_is_a_duplicate_wherever_the_two_meet(one: Subject, other: Subject) -> None:
    meet = one.id != other.id and any(
        scope.holds(one) and scope.holds(other) and scope.meets(one, other) for scope in scopes()
    )
    found = {each.code for each in collisions(one, [other])}
    assert bool(found & SAME) is (meet and canonical(one.name) == canonical(other.name))
    assert not found or meet


@given(some.lists(SUBJECTS, max_size=8, unique_by=lambda subject: subject.id))
def test_many_at_once_are_told_what_each_is_told_alone(group: list[Subject]) -> None:
    at_once = {each for subject, finding in all_collisions(group) for each in told(subject, [finding])}
    alone = {each for subject in group for each in told(subject, list(collisions(subject, group)))}
    assert at_once == alone


@given(some.text(alphabet="中山路人民1A·東𠮷 龘", max_size=8), CLASSES)
def test_a_name_is_told_the_same_however_often_it_is_checked(name: str, place_class: PlaceClass) -> None:
    subject = Subject(name=name, place_class=place_class, division="330702001000")
    found = list(findings_by_itself(subject))
    assert found == list(findings_by_itself(subject))
    assert all(each.message("zh-CN") and each.message("en") for each in found)
