"""The optimisation list (地名优化) as cases: what a review found wrong with names that exist, grouped by who decides on it.

Values in, values out, but for what is looked up: names become lines of cases, those that can't be taken are told with why.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from geo_registry.cases import offices, queries
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.inputs import MOST_NAMES, FromReview, NewCase, NewLine
from geo_registry.cases.writing import KEEPS_ITS_NAME
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.errors import CaseTooLarge
from geo_registry.places import service as places
from geo_registry.places.clearing import FindingQuery, FindingRow
from geo_registry.places.queries import PlaceRow
from geo_registry.vocabulary import Approver, CaseKind, FindingCode, Named, PlaceClass, PlaceState


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A name that goes into no case, and why."""

    record: UUID
    name: str
    zh: str
    en: str

    def message(self, locale: str) -> str:
        """Why, in the language of `locale`."""
        return self.en if locale.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Proposed:
    """The cases that would be opened, and what is in none of them."""

    cases: Sequence[NewCase]
    left: Sequence[LeftOut]


def query_of(asked: FromReview) -> FindingQuery:
    """The findings that are meant: those that nobody cleared; of two names that collide the one that is listed."""
    return FindingQuery(
        divisions=(asked.division,) if asked.division else (),
        severity=asked.severity,
        codes=frozenset(asked.codes),
        records=frozenset(asked.places),
        once=not asked.places,
    )


def divisions_asked(session: ReadSession, asked: FromReview) -> Collection[str | None]:
    """The divisions of what is said by id or by division: who may not there is told so, whatever the review found.

    Raises
    ------
    PlaceUnknown
        There is none of an id.
    """
    found = places.get_places(session, {*asked.places}).values()
    return {place.division_code for place in found} | ({asked.division} if asked.division else set())


def proposed_of(session: ReadSession, asked: FromReview, found: Sequence[FindingRow]) -> Proposed:
    """Cases of the names that findings are about, one for each division and whoever approves there (art. 12).

    Raises
    ------
    CaseTooLarge
        One would hold more names than a case does.
    """
    by_record: dict[UUID, list[FindingRow]] = {}
    for row in found:
        by_record.setdefault(row.record, []).append(row)
    of_places = {record for record, rows in by_record.items() if rows[0].type is Named.PLACE}
    known = places.get_places(session, of_places | {*asked.places})
    pending = queries.pending_of(session, known, None)
    left = [_not_found(known[each]) for each in dict.fromkeys(asked.places) if each not in by_record]
    groups: dict[tuple[str, Approver], list[PlaceRow]] = {}
    for record, rows in by_record.items():
        place = known.get(record)
        why = _why_not(place, pending.get(record), asked)
        if place is None or why is not None:
            left.append(LeftOut(record, rows[0].name, *(why or ("", ""))))
            continue
        approver = _approver(place, asked)
        assert place.division_code is not None, "else it is left out"
        assert approver is not None, "else it is left out"
        groups.setdefault((_home(place.division_code, asked), approver), []).append(place)
    if any(len(group) > MOST_NAMES for group in groups.values()):
        raise CaseTooLarge(most=MOST_NAMES)
    made = [
        _case(session, asked, decided, group, by_record)
        for decided, group in sorted(groups.items(), key=lambda each: each[0])
    ]
    return Proposed(made, left)


def _case(
    session: ReadSession,
    asked: FromReview,
    decided: tuple[str, Approver],
    group: Sequence[PlaceRow],
    found: Mapping[UUID, Sequence[FindingRow]],
) -> NewCase:
    division, approver = decided
    home = divisions.get_division(session, division)
    counted = Counter(code for place in group for code in {row.finding.code for row in found[place.id]})
    new = NewCase(
        kind=asked.kind,
        title=f"关于{group[0].name[:20]}{f'等{len(group)}个地名' if len(group) > 1 else ''}{asked.kind.zh}的申请（地名优化）",
        division=home.code,
        applicant=asked.applicant,
        reasons="地名审查发现："
        + "、".join(f"{code.zh} {counted[code]} 个" for code in FindingCode if code in counted),
        approver=approver,
        approving_body=asked.approving_body,
        why=asked.why,
    )
    # What one request may hold is no bound of a case.
    return new.model_copy(update={"names": tuple(_line(place, asked.kind) for place in group)})


def _line(place: PlaceRow, kind: CaseKind) -> NewLine:
    """A line about a place; another name is still to be said where it is to have one."""
    return NewLine.model_validate(
        {
            "action": ACTION_OF[kind],
            "place": place.id,
            "name": None if ACTION_OF[kind] in KEEPS_ITS_NAME else place.name,
            "division": place.division_code,
        }
    )


def _home(code: str, asked: FromReview) -> str:
    """The division whose case it is: the county or the township, or what holds the place above it."""
    return prefix_of(code)[: DIGITS_OF_LEVEL[asked.per]]


def _approver(place: PlaceRow, asked: FromReview) -> Approver | None:
    office = offices.approval_of(PlaceClass.of(place.place_class), place.division_code or "")
    return asked.approver or (office.approver if office is not None else None)


def _why_not(place: PlaceRow | None, pending: str | None, asked: FromReview) -> tuple[str, str] | None:
    if place is None:
        return "区划名称由区划变更办理，不在地名事项中", "a division is renamed as divisions are, by no case of ours"
    if place.state == PlaceState.ABOLISHED.value:
        return "已销名", "it is abolished"
    if pending is not None:
        return f"另有未办结的事项 {pending}", f"another case is open about it: {pending}"
    if place.division_code is None:
        return "没有所在区划，请先补填", "it lies in no division: say in which first"
    if _approver(place, asked) is None:
        kind = PlaceClass.of(place.place_class)
        return f"“{kind.zh}”由谁批准请先选定（条例第十二条）", f"say who approves names of a {kind.en} (art. 12)"
    return None


def _not_found(place: PlaceRow) -> LeftOut:
    return LeftOut(
        place.id,
        place.name,
        "上次审查没有关于它的未排除意见",
        "the last review has nothing about it that isn't cleared",
    )
