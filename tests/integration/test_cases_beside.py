"""Cases beside others: of what a review found, of names and places that other cases are about, and of what was found of many."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from geo_registry.accounts.actors import Actor, Grant
from geo_registry.cases import service, turns, writing
from geo_registry.cases.inputs import (
    MOST_LINES,
    Announcing,
    Consulting,
    FromReview,
    LineChange,
    NewCase,
    NewLine,
    SortClearing,
    Split,
    Taking,
)
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import CaseQuery
from geo_registry.cases.service import Opened
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import (
    CaseElsewhere,
    CaseFindingsOpen,
    CaseFindingsWeigh,
    CaseFindingUnknown,
    CaseIncomplete,
    CasePlaceTwice,
    NothingOfTheReview,
    NotYourDivision,
    PlaceUnsound,
)
from geo_registry.model import Division, NameFinding, NameReview, Place
from geo_registry.places import service as places
from geo_registry.vocabulary import (
    Approver,
    CaseState,
    CaseStep,
    DivisionLevel,
    DocumentKind,
    FindingCode,
    LineState,
    NameAction,
    Role,
    Severity,
)
from tests.factories import make_actor, make_division, operator
from tests.integration.test_cases import AREA, CITY, COUNTY, NEIGHBOUR, TODAY, Office, road

TOWN = "330702001000"
NEXT_DOOR = {"type": "LineString", "coordinates": [[119.9, 29.1], [119.95, 29.1]]}


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


@pytest.fixture
def office(session: WriteSession) -> Office:
    make_division(session, CITY, name="金华市", level=DivisionLevel.CITY, box=(119.2, 28.5, 120.8, 29.7))
    make_division(session, COUNTY, name="婺城区", box=AREA)
    make_division(session, NEIGHBOUR, name="金东区", box=(119.8, 29.0, 120.1, 29.2))
    return Office(session)


def review(database: Database) -> None:
    places.review_now(database, actor=operator())


def opened(office: Office, **asked: object) -> Opened:
    actor = office.registrar
    return service.open_cases_of_review(office.by(actor), FromReview.model_validate(asked), actor=actor)


def street(office: Office, name: str, at: float, division: str = COUNTY) -> UUID:
    line = {"type": "LineString", "coordinates": [[119.60, at], [119.62, at]]}
    return office.street(name, geometry=line, division=division)


def codes(office: Office, case: UUID, line: UUID) -> set[FindingCode]:
    return {each.finding.code for each in service.check_case(office.session, case, actor=office.registrar)[line]}


def test_names_of_the_review_become_a_case_and_another_time_no_second_one(office: Office, database: Database) -> None:
    first, second = street(office, "人民路", 29.10), street(office, "人民路", 29.12)
    review(database)
    made = opened(office, places=[str(first), str(second)])
    (case,) = made.cases
    assert (case.state, case.approver, case.division_code) == (CaseState.DRAFT, Approver.GOVERNMENT, COUNTY)
    assert "重名 2 个" in case.reasons
    told = service.tell_case(office.session, case.id, actor=office.registrar)
    assert [(line.action, line.place, line.name) for line in told.lines] == [
        (NameAction.RENAME, first, "人民路"),
        (NameAction.RENAME, second, "人民路"),
    ]
    with pytest.raises(NothingOfTheReview) as refused:
        opened(office, places=[str(first)])
    assert case.number in refused.value.message("zh")


def test_of_two_names_that_collide_the_list_takes_one(office: Office, database: Database) -> None:
    street(office, "人民路", 29.10), street(office, "人民路", 29.12)
    review(database)
    (case,) = opened(office, codes=["duplicate"], division="330702").cases
    assert case.names == 1


def test_cases_are_by_township_and_by_who_approves(office: Office, database: Database) -> None:
    make_division(office.session, TOWN, level=DivisionLevel.TOWNSHIP, name="城东街道", box=(119.5, 29.0, 119.8, 29.11))
    low, high = street(office, "人民路", 29.10, division=TOWN), street(office, "人民路", 29.12)
    estates = [
        office.street(
            "和平小区", **{"class": "residential-area"}, geometry={"type": "Point", "coordinates": [119.7, at]}
        )
        for at in (29.13, 29.14)
    ]
    review(database)
    told = [str(each) for each in (low, high, *estates)]
    made = opened(office, places=told, per="township")
    lies = {(case.division_code, case.approver, case.names) for case in made.cases}
    assert lies == {
        (TOWN, Approver.GOVERNMENT, 1),
        (COUNTY, Approver.GOVERNMENT, 1),
        (COUNTY, Approver.DEPARTMENT, 2),
    }


def test_what_the_review_says_nothing_of_is_left_out_and_told(office: Office, database: Database) -> None:
    first = street(office, "人民路", 29.10)
    street(office, "人民路", 29.12)
    review(database)
    later = street(office, "青枫路", 29.15)
    made = opened(office, places=[str(first), str(later)])
    assert [(each.record, each.name) for each in made.left] == [(later, "青枫路")]
    assert [case.names for case in made.cases] == [1]


def test_a_county_may_have_more_names_than_one_request_brings(office: Office) -> None:
    session = office.by(operator())
    county = session.scalars(select(Division.id).where(Division.code == COUNTY)).one()
    review = NameReview(names=MOST_LINES + 1, findings=MOST_LINES + 1, seconds=0, ordered_by="test")
    streets = [
        Place(place_class="street", standard_name=f"示例{at}路", division_id=county) for at in range(MOST_LINES + 1)
    ]
    session.add_all([review, *streets])
    session.flush()
    found = {"type": "place", "kind": "street", "division_code": COUNTY, "code": "brand-name", "severity": "warning"}
    of_all = found | {"review_id": review.id, "basis": {"law": "地名管理条例", "article": 9, "item": 6}, "details": {}}
    session.add_all(NameFinding(record_id=each.id, name=each.standard_name, **of_all) for each in streets)
    session.flush()
    assert [case.names for case in opened(office, codes=["brand-name"]).cases] == [MOST_LINES + 1]


def test_names_of_another_county_open_nothing(office: Office, database: Database) -> None:
    theirs = office.street("人民路", division=NEIGHBOUR, geometry=NEXT_DOOR)
    office.street(
        "人民路", division=NEIGHBOUR, geometry={"type": "LineString", "coordinates": [[119.9, 29.15], [119.95, 29.15]]}
    )
    review(database)
    with pytest.raises(NotYourDivision):
        opened(office, places=[str(theirs)])
    township = make_actor(Grant(Role.TOWNSHIP, "330702"))
    with pytest.raises(NotYourDivision):
        service.open_cases_of_review(
            office.by(township), FromReview.model_validate({"places": [str(theirs)]}), actor=township
        )


def test_a_renaming_needs_another_name(office: Office) -> None:
    old = office.street("旧路")
    told = office.open({"action": "rename", "place": str(old), "name": "旧路"}, kind="renaming")
    with pytest.raises(CaseIncomplete) as refused:
        office.step(told.case.id, CaseStep.SUBMIT)
    assert "旧路" in refused.value.message("zh")
    change = LineChange(name="新华路", why="拟定")
    service.change_name(
        office.by(office.township), told.case.id, told.lines[0].id, change, seen=WHICHEVER, actor=office.township
    )
    office.step(told.case.id, CaseStep.SUBMIT)


def test_names_go_by_what_was_found_of_them(office: Office) -> None:
    street(office, "青枫路", 29.15)
    told = office.open(road("青枫路"), road("北山路"))
    split = Split(findings=(FindingCode.DUPLICATE,), why="待核实")
    new = service.split_case(office.by(office.registrar), told.case.id, split, seen=WHICHEVER, actor=office.registrar)
    assert [line.name for line in new.lines] == ["青枫路"]
    with pytest.raises(CaseIncomplete):
        service.split_case(office.by(office.registrar), told.case.id, split, seen=WHICHEVER, actor=office.registrar)


def test_warnings_are_settled_at_once_and_what_breaks_a_rule_one_by_one(office: Office) -> None:
    street(office, "青枫路", 29.15)
    told = office.open(road("清风路"), road("青枫路"))
    case, sounds = told.case.id, SortClearing(code=FindingCode.HOMOPHONE, reason="口语可以分辨")

    def clear(settling: SortClearing) -> int:
        return service.clear_findings(
            office.by(office.registrar), case, settling, seen=WHICHEVER, actor=office.registrar
        )

    with pytest.raises(CaseFindingsWeigh):
        clear(SortClearing(code=FindingCode.DUPLICATE, reason="口语可以分辨"))
    assert clear(sounds) >= 1
    found = [
        each
        for those in service.check_case(office.session, case, actor=office.registrar).values()
        for each in those
        if each.finding.code is FindingCode.HOMOPHONE
    ]
    assert found
    assert {each.cleared.reason for each in found if each.cleared is not None} == {"口语可以分辨"}
    assert not any(each.counts for each in found)
    with pytest.raises(CaseFindingUnknown):
        clear(sounds)


def test_two_cases_do_not_give_one_name(office: Office) -> None:
    first, second = office.open(road("仙源湖路")), office.open(road("仙源湖路"))
    office.step(first.case.id, CaseStep.SUBMIT)
    found = service.check_case(office.session, second.case.id, actor=office.registrar)[second.lines[0].id]
    collision = next(each for each in found if each.finding.code is FindingCode.DUPLICATE)
    assert first.case.number in collision.other
    assert first.case.number in collision.finding.message("zh")
    assert f"case {first.case.number}" in collision.finding.message("en")


def test_a_name_that_was_taken_since_is_not_approved(office: Office) -> None:
    told = office.open(road("仙源湖路"))
    office.signed(told.case.id)
    street(office, "仙源湖路", 29.15)
    with pytest.raises(CaseFindingsOpen):
        office.step(told.case.id, CaseStep.APPROVE, Taking(on=TODAY, number="号"))
    office.settle(told.case.id)
    assert office.step(told.case.id, CaseStep.APPROVE, Taking(on=TODAY, number="号")).case.state is CaseState.APPROVED


def test_what_keeps_its_name_gets_no_other(office: Office) -> None:
    old = office.street("旧路")
    for action, kind in (("adjust", "adjustment"), ("abolish", "abolition")):
        with pytest.raises(PlaceUnsound):
            office.open({"action": action, "place": str(old), "name": "新华路"}, kind=kind)
    told = office.open({"action": "abolish", "place": str(old)}, kind="abolition")
    with pytest.raises(PlaceUnsound):
        service.change_name(
            office.by(office.township),
            told.case.id,
            told.lines[0].id,
            LineChange(name="新华路", why="改名"),
            seen=WHICHEVER,
            actor=office.township,
        )


def test_a_county_does_not_stretch_its_place_into_another(office: Office) -> None:
    own = office.street("旧路")
    with pytest.raises(CaseElsewhere):
        office.open(
            {"action": "adjust", "place": str(own), "geometry": NEXT_DOOR, "division": COUNTY}, kind="adjustment"
        )
    told = office.open({"action": "adjust", "place": str(own), "detail": {"length_m": 10}}, kind="adjustment")
    with pytest.raises(CaseElsewhere):
        service.change_name(
            office.by(office.township),
            told.case.id,
            told.lines[0].id,
            LineChange(geometry=NEXT_DOOR, division=COUNTY, why="延长"),
            seen=WHICHEVER,
            actor=office.township,
        )


def test_one_thing_is_decided_on_a_place(office: Office) -> None:
    old, other = office.street("旧路"), office.street("长街")
    renamed = {"action": "rename", "place": str(old), "name": "新华路"}
    with pytest.raises(CasePlaceTwice):
        office.open(renamed, renamed | {"name": "新民路"}, kind="renaming")
    with pytest.raises(CasePlaceTwice):
        office.open(road("东街", absorbs=[str(old)]), road("西街", absorbs=[str(old)]))
    with pytest.raises(CasePlaceTwice):
        office.open(renamed, road("西街", absorbs=[str(old)]))
    told = office.open(renamed, road("东街", splits=[str(other)]), road("西街", splits=[str(other)]))
    struck = LineChange(state=LineState.STRUCK, why="不再更名")
    service.change_name(
        office.by(office.township), told.case.id, told.lines[0].id, struck, seen=WHICHEVER, actor=office.township
    )
    service.add_names(
        office.by(office.township),
        told.case.id,
        [NewLine.model_validate(renamed)],
        seen=WHICHEVER,
        actor=office.township,
    )
    again = LineChange(state=LineState.OPEN, why="恢复")
    with pytest.raises(CasePlaceTwice):
        service.change_name(
            office.by(office.township), told.case.id, told.lines[0].id, again, seen=WHICHEVER, actor=office.township
        )


def test_who_approves_is_held_against_the_class(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("仙源小区", **{"class": "residential-area"}, detail={}, geometry=None))
    street_line, estate = told.lines
    assert FindingCode.APPROVER not in codes(office, told.case.id, street_line.id)
    assert FindingCode.APPROVER in codes(office, told.case.id, estate.id)


def test_a_name_that_changed_after_the_notice_is_told(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("北山路"))
    case = told.case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    office.step(case, CaseStep.CONSULT, Consulting(on=date(2026, 9, 1), until=date(2026, 9, 8)))
    office.step(case, CaseStep.CONCLUDE, Taking(on=date(2026, 9, 9)))
    change = LineChange(name="南山路", why="采纳意见")
    service.change_name(
        office.by(office.registrar), case, told.lines[1].id, change, seen=WHICHEVER, actor=office.registrar
    )
    assert FindingCode.CHANGED not in codes(office, case, told.lines[0].id)
    assert FindingCode.CHANGED in codes(office, case, told.lines[1].id)


def test_dates_of_what_is_adjusted_are_looked_at(office: Office) -> None:
    old = office.street("旧路")
    told = office.open(
        {"action": "adjust", "place": str(old), "detail": {"built_from": "2027-03", "built_to": "2026-01"}},
        kind="adjustment",
    )
    found = service.check_case(office.session, told.case.id, actor=office.registrar)[told.lines[0].id]
    assert [each.finding.code for each in found if each.finding.severity is Severity.ERROR] == [FindingCode.DATES]


def test_what_goes_over_to_another_name_has_its_decision(office: Office) -> None:
    old = office.street("旧路")
    told = office.open(road("仙源湖路", absorbs=[str(old)]))
    office.approved(told.case.id)
    (decision,) = service.decisions_of(office.session, old)
    assert (decision.action, decision.name, decision.approval_number) == (
        NameAction.ABOLISH,
        "旧路",
        "金政地名〔2026〕12号",
    )


def test_reports_that_are_wanting_are_told(office: Office) -> None:
    told = office.open(road("仙源湖路"))
    assert told.wanting == [DocumentKind.ASSESSMENT, DocumentKind.EXPERTS, DocumentKind.OPINIONS]
    new = NewDocument(DocumentKind.EXPERTS, "论证.pdf", b"%PDF-1.7")
    service.attach(office.by(office.township), told.case.id, new, actor=office.township)
    told = service.tell_case(office.session, told.case.id, actor=office.registrar)
    assert told.wanting == [DocumentKind.ASSESSMENT, DocumentKind.OPINIONS]
    old = office.street("旧路")
    assert office.open({"action": "abolish", "place": str(old)}, kind="abolition").wanting == []


def test_a_place_of_no_division_is_in_no_case(office: Office) -> None:
    nowhere = office.street("旧路", division=None, geometry={"type": "Point", "coordinates": [119.0, 28.0]})
    with pytest.raises(PlaceUnsound) as refused:
        office.open({"action": "rename", "place": str(nowhere), "name": "新华路"}, kind="renaming")
    assert "旧路" in refused.value.message("zh")


def test_what_waits_for_oneself_is_told_apart(office: Office) -> None:
    draft, signed = office.open(road("仙源湖路")), office.open(road("北山路"))
    office.step(signed.case.id, CaseStep.SUBMIT)
    office.step(signed.case.id, CaseStep.CHECK)
    office.settle(signed.case.id)
    office.step(signed.case.id, CaseStep.HANDLE)

    def waiting(actor: Actor) -> list[UUID]:
        query = CaseQuery(turn=turns.turn_of(actor))
        return [row.id for row in service.inbox(office.session, query, actor=actor)[0]]

    assert waiting(office.township) == [draft.case.id]
    assert waiting(office.signer) == [signed.case.id]
    # Whoever registers may submit too; what is handled is the signer's.
    assert waiting(office.registrar) == [draft.case.id]
    office.step(signed.case.id, CaseStep.REVIEW)
    office.step(signed.case.id, CaseStep.SIGN)
    office.step(signed.case.id, CaseStep.APPROVE, Taking(on=TODAY, number="号"))
    assert {*waiting(office.registrar)} == {draft.case.id, signed.case.id}
    assert waiting(make_actor(Grant(Role.VIEWER, "330702"))) == []


def test_what_cannot_lie_there_is_told_when_it_is_drawn(office: Office) -> None:
    beijing = {"type": "LineString", "coordinates": [[116.4, 39.9], [116.41, 39.9]]}
    with pytest.raises(PlaceUnsound):
        office.open(road("仙源湖路", geometry=beijing))
    told = office.open(road("仙源湖路"))
    with pytest.raises(PlaceUnsound):
        service.change_name(
            office.by(office.township),
            told.case.id,
            told.lines[0].id,
            LineChange(geometry=beijing, why="改线"),
            seen=WHICHEVER,
            actor=office.township,
        )


def test_a_case_begins_without_names(office: Office) -> None:
    new = NewCase.model_validate({"kind": "naming", "title": "关于命名的申请", "division": COUNTY})
    told = service.open_case(office.by(office.township), new, actor=office.township)
    assert (told.case.approver, told.lines) == (Approver.GOVERNMENT, [])


def test_announcements_are_listed_by_their_day(office: Office) -> None:
    days = (date(2026, 10, 2), date(2026, 11, 3), date(2026, 10, 20))
    for day, name in zip(days, ("仙源湖路", "北山路", "南桥路"), strict=True):
        case = office.open(road(name), approving_body="金华市人民政府").case.id
        office.approved(case, on=date(2026, 10, 1))
        office.step(case, CaseStep.ANNOUNCE, Announcing(on=day, office="金华市民政局"))
    listed: list[date] = []
    after: int | None = 0
    while after is not None:
        page = service.list_announcements(office.session, Page(after=after, limit=1))
        listed += [row.published_on for row in page.rows]
        after = page.next_after
    assert listed == sorted(days, reverse=True)
