"""Heritage names: proposed, listed, taken off; what is told of them; the guard of their renaming; the demonstration's."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select, text

from geo_registry import clock
from geo_registry.accounts.actors import Actor, Grant, anonymous, local_operator
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database
from geo_registry.errors import (
    AlreadyExists,
    HeritagePartUnknown,
    HeritageStands,
    HeritageUnknown,
    HeritageUnprotected,
    HeritageUnsound,
    NotRecordedThen,
    NotThereThen,
    NotYourDivision,
    NotYourRole,
    PlaceUnknown,
    RecordChanged,
    SignInNeeded,
    VersionNeeded,
)
from geo_registry.heritage import service
from geo_registry.heritage.guard import Guard, guard_of
from geo_registry.heritage.inputs import (
    Delisting,
    Enlistment,
    HeritageChange,
    NewEvidence,
    NewHeritage,
    NewMeasure,
    NewPicture,
    NewStory,
)
from geo_registry.heritage.queries import HeritageQuery
from geo_registry.heritage.service import HeritageTold
from geo_registry.model import AuditEntry, CaseName, Division, HeritagePicture, NamingCase, Place, PlaceName
from geo_registry.places import service as places
from geo_registry.vocabulary import (
    CriterionState,
    HeritageKind,
    HeritageLevel,
    HeritagePart,
    HeritageStatus,
    NameKind,
    Role,
)
from tests.factories import TOWN, make_actor, make_place, make_two_towns
from tests.unit.test_heritage import chunk, png

OPERATOR = local_operator()
REGISTRAR = make_actor(Grant(Role.REGISTRAR, "330702"))
SIGNER = make_actor(Grant(Role.SIGNER, "330702"))
NEW = {"name": "酒坊巷", "kind": "old-street", "level": "city", "list_name": "第一批"}
PROOF = {"what": "《光绪金华县志》卷二", "supports": ["value"]}
DOCUMENT = {
    "listed_on": "2022-11-18",
    "document_number": "金民〔2022〕20号",
    "body": "金华市民政局",
    "taken_over": True,
}


@pytest.fixture
def lane(database: Database) -> UUID:
    """A lane that was called otherwise once, in a town of the county."""
    with database.write(actor="test") as session:
        make_two_towns(session)
        town = session.execute(text("SELECT id FROM division WHERE code = :code"), {"code": TOWN}).scalar_one()
        place = make_place(
            session, place_class="street", standard_name="酒坊巷", division_id=town, lon=119.62, lat=29.07
        )
        session.add_all(
            [
                PlaceName(place_id=place.id, name="酒坊巷", kind=NameKind.STANDARD.value),
                PlaceName(
                    place_id=place.id,
                    name="酒巷",
                    kind=NameKind.FORMER.value,
                    romanized="Jiǔ Xiàng",
                    romanized_by="source",
                ),
            ]
        )
        return place.id


def propose(database: Database, actor: Actor = OPERATOR, **over: Any) -> HeritageTold:
    with database.write(actor=actor) as session:
        new = NewHeritage.model_validate(NEW | over)
        return service.propose_heritage(session, new, actor=actor)


def enlist(database: Database, told: HeritageTold, actor: Actor = OPERATOR, **over: Any) -> HeritageTold:
    with database.write(actor=actor) as session:
        given = Enlistment.model_validate(DOCUMENT | over)
        return service.enlist_heritage(session, told.heritage.id, given, seen=WHICHEVER, actor=actor)


def measured(database: Database, told: HeritageTold, **over: Any) -> HeritageTold:
    with database.write(actor=OPERATOR) as session:
        said = {"purpose": "renaming", "measure": "刻碑", "decided_on": "2023-05-01"} | over
        return service.add_measure(session, told.heritage.id, NewMeasure.model_validate(said), actor=OPERATOR)


def guarded(database: Database, place: UUID, on: date | None = None) -> Guard:
    with database.read() as session:
        return guard_of(session, place, on=on)


def listed(database: Database, query: HeritageQuery | None = None, actor: Actor = OPERATOR) -> list[str]:
    with database.read() as session:
        return [each.name for each in service.list_heritage(actor, session, query or HeritageQuery(), Page()).rows]


def tomorrow() -> date:
    return clock.now().date() + timedelta(days=2)


def test_a_name_of_a_place_is_proposed_then_listed_by_a_document(database: Database, lane: UUID) -> None:
    told = propose(database, REGISTRAR, place=lane, evidence=[PROOF])
    row = told.heritage
    assert (row.status, row.romanized, row.division_code) == ("proposed", "Jiǔfāng Xiàng", TOWN)
    assert (row.is_present_name, row.place_name) == (True, "酒坊巷")
    assert (round(row.lon or 0, 2), round(row.lat or 0, 2)) == (119.62, 29.07)
    assert listed(database) == []
    told = enlist(database, told, SIGNER)
    assert (told.heritage.status, told.heritage.listed_on) == ("listed", date(2022, 11, 18))
    assert listed(database, actor=anonymous()) == ["酒坊巷"]


def test_who_proposes_does_not_list_and_who_lists_does_not_propose(database: Database, lane: UUID) -> None:
    told = propose(database, REGISTRAR, place=lane, evidence=[PROOF])
    with pytest.raises(NotYourRole):
        enlist(database, told, REGISTRAR)
    with pytest.raises(NotYourRole):
        propose(database, SIGNER, place=lane, list_name="第二批")
    for role, act in ((Role.REGISTRAR, propose), (Role.SIGNER, lambda db, actor, **_: enlist(db, told, actor))):
        with pytest.raises(NotYourDivision):
            act(database, make_actor(Grant(role, "330703")), place=lane, list_name="第二批")


def test_a_former_name_and_a_name_alone_are_listed_too(database: Database, lane: UUID) -> None:
    former = propose(database, name="酒巷", place=lane).heritage
    assert (former.romanized, former.is_present_name) == ("Jiǔ Xiàng", False)
    gone = propose(database, name="旧市巷", lon=119.61, lat=29.06, disused="1958").heritage
    assert (gone.place, gone.division_code, gone.romanized) == (None, TOWN, "Jiùshì Xiàng")
    assert gone.lon == pytest.approx(119.61)
    assert propose(database, name="老街", division="330702").heritage.lon is None
    with pytest.raises(HeritageUnsound) as refused:
        propose(database, name="别的巷", place=lane)
    assert "曾用名" in refused.value.message("zh")
    with pytest.raises(PlaceUnknown):
        propose(database, place=uuid4())


def test_a_name_stands_on_a_list_once(database: Database, lane: UUID) -> None:
    told = propose(database, place=lane, evidence=[PROOF])
    propose(database, place=lane, list_name="第二批")
    with pytest.raises(AlreadyExists):
        propose(database, place=lane)
    told = enlist(database, told)
    with database.write(actor=OPERATOR) as session:
        off = Delisting.model_validate({"delisted_on": "2024-01-01", "document_number": "1", "why": "重复"})
        service.delist_heritage(session, told.heritage.id, off, seen=WHICHEVER, actor=OPERATOR)
    assert propose(database, place=lane).heritage.status == "proposed"


def test_listing_needs_evidence_a_day_that_was_and_a_reason_where_a_criterion_fails(
    database: Database, lane: UUID
) -> None:
    bare = propose(database, place=lane)
    with pytest.raises(HeritageUnsound, match="no evidence"):
        enlist(database, bare)
    young = propose(database, name="酒巷", place=lane, kind="ancient-village", founded="1950", evidence=[PROOF])
    assert next(each for each in young.criteria if each.criterion.key == "founded").state is CriterionState.NOT_MET
    with pytest.raises(HeritageUnsound, match="listed_on"):
        enlist(database, young, listed_on=tomorrow().isoformat())
    with pytest.raises(HeritageUnsound, match="at most 7"):
        enlist(database, young)
    assert enlist(database, young, why="上级已认定").heritage.status == "listed"
    with pytest.raises(HeritageStands):
        enlist(database, young, why="再次")


def test_a_name_is_taken_off_for_a_reason_and_what_is_told_stays(database: Database, lane: UUID) -> None:
    told = enlist(database, propose(database, place=lane, evidence=[PROOF]))

    def delist(on: str) -> HeritageTold:
        with database.write(actor=SIGNER) as session:
            off = Delisting.model_validate({"delisted_on": on, "document_number": "1", "why": "重复列入"})
            return service.delist_heritage(session, told.heritage.id, off, seen=WHICHEVER, actor=SIGNER)

    for wrong in ("2022-11-17", tomorrow().isoformat()):
        with pytest.raises(HeritageUnsound):
            delist(wrong)
    off = delist("2024-01-01")
    assert (off.heritage.status, off.heritage.delisted_why) == ("delisted", "重复列入")
    assert len(off.parts.evidence) == 1
    with pytest.raises(HeritageStands):
        delist("2024-01-02")
    assert listed(database) == []
    assert listed(database, HeritageQuery(statuses=(HeritageStatus.DELISTED,))) == ["酒坊巷"]
    assert listed(database, HeritageQuery(on=date(2023, 1, 1))) == ["酒坊巷"]
    assert listed(database, HeritageQuery(on=date(2024, 1, 1))) == []
    with database.read() as session:
        assert service.get_heritage(anonymous(), session, told.heritage.id, on=date(2023, 1, 1))
        with pytest.raises(NotThereThen):
            service.get_heritage(anonymous(), session, told.heritage.id, on=date(2022, 1, 1))


def test_what_is_proposed_the_office_sees_alone(database: Database, lane: UUID) -> None:
    told = propose(database, place=lane)
    proposed = HeritageQuery(statuses=(HeritageStatus.PROPOSED,))
    assert listed(database, proposed, make_actor(Grant(Role.VIEWER, "330703"))) == ["酒坊巷"]
    with pytest.raises(SignInNeeded):
        listed(database, proposed, anonymous())
    with database.read() as session:
        with pytest.raises(HeritageUnknown):
            service.tell_heritage(anonymous(), session, told.heritage.id)
        with pytest.raises(HeritageUnknown):
            service.revisions_for(anonymous(), session, told.heritage.id, Page())
        with pytest.raises(HeritageUnknown):
            service.get_heritage(OPERATOR, session, uuid4())


def test_the_list_is_narrowed(database: Database, lane: UUID) -> None:
    enlist(database, propose(database, place=lane, evidence=[PROOF]))
    enlist(database, propose(database, name="旧市巷", division="330702", level="county", evidence=[PROOF]))
    assert listed(database) == ["酒坊巷", "旧市巷"]
    assert listed(database, HeritageQuery(levels=(HeritageLevel.COUNTY,))) == ["旧市巷"]
    assert listed(database, HeritageQuery(kinds=(HeritageKind.FEATURE,))) == []
    assert listed(database, HeritageQuery(division=TOWN[:9])) == ["酒坊巷"]
    assert listed(database, HeritageQuery(place=lane)) == ["酒坊巷"]
    with database.read() as session:
        assert [each.name for each in service.listings_of(session, lane)] == ["酒坊巷"]


def test_what_is_told_is_corrected_by_whoever_has_seen_it(database: Database, lane: UUID) -> None:
    told = propose(database, place=lane, kind="ancient-village", evidence=[PROOF])
    identity = told.heritage.id

    def change(seen: Seen | None, **over: Any) -> HeritageTold:
        with database.write(actor=REGISTRAR) as session:
            said = HeritageChange.model_validate({"why": "据新碑", **over})
            return service.change_heritage(session, identity, said, seen=seen, actor=REGISTRAR)

    with pytest.raises(VersionNeeded):
        change(None, named="唐")
    changed = change(Seen(frozenset({told.heritage.version})), named="唐", claims={"form": True, "value": False})
    assert (changed.heritage.named, changed.heritage.claims) == ("唐", {"form": True, "value": False})
    with pytest.raises(RecordChanged):
        change(Seen(frozenset({told.heritage.version})), named="宋")
    assert change(WHICHEVER, claims={"value": None}, named="").heritage.claims == {"form": True}
    with database.read() as session:
        revisions = service.list_revisions_with_authors(session, identity, Page(), actor=REGISTRAR).rows
        assert [(each.number, each.by, each.why) for each in revisions][:2] == [
            (3, REGISTRAR.name, "据新碑"),
            (2, REGISTRAR.name, "据新碑"),
        ]
        assert {each.field for each in revisions[1].changes} == {"named", "claims"}
        plain = service.list_revisions(REGISTRAR, session, identity, Page()).rows
        assert [each.by for each in plain] == [None] * 3


def test_parts_are_added_withdrawn_and_read_as_they_were(database: Database, lane: UUID) -> None:
    told = propose(database, place=lane)
    identity = told.heritage.id
    photograph = png(chunk(b"tEXt", b"GPS"))
    with database.write(actor=REGISTRAR) as session:
        service.add_story(session, identity, NewStory(title="酒", story="巷内有酒坊。\n三家。"), actor=REGISTRAR)
        service.add_evidence(session, identity, NewEvidence.model_validate(PROOF), actor=REGISTRAR)
        rights = {"caption": "巷口", "author": "王某", "licence": "CC BY 4.0"}
        given = NewPicture.model_validate({**rights, "content": photograph})
        told = service.add_picture(session, identity, given, actor=REGISTRAR)
    told = measured(database, told)
    parts = told.parts
    assert [len(each) for each in (parts.evidence, parts.stories, parts.pictures, parts.measures)] == [1, 1, 1, 1]
    with database.read() as session:
        file = service.picture_of(OPERATOR, session, identity, parts.pictures[0].id)
        assert (file.content, file.media_type) == (png(), "image/png")
        stored = session.scalar(select(func.sha256(HeritagePicture.content)))
        assert bytes(stored or b"") == bytes(file.checksum)
        with pytest.raises(HeritagePartUnknown):
            service.picture_of(OPERATOR, session, identity, uuid4())
    with database.write(actor=REGISTRAR) as session:
        for part, item in (
            (HeritagePart.PICTURES, parts.pictures[0].id),
            (HeritagePart.STORIES, parts.stories[0].id),
        ):
            told = service.withdraw_part(session, identity, part, item, "误", actor=REGISTRAR)
        with pytest.raises(HeritagePartUnknown):
            service.withdraw_part(session, identity, HeritagePart.PICTURES, parts.pictures[0].id, "误", actor=REGISTRAR)
        # A story is no measure.
        with pytest.raises(HeritagePartUnknown):
            service.withdraw_part(session, identity, HeritagePart.MEASURES, parts.stories[0].id, "误", actor=REGISTRAR)
    assert (told.parts.pictures, told.parts.stories) == ([], [])
    with database.read() as session:
        with pytest.raises(HeritagePartUnknown):
            service.picture_of(OPERATOR, session, identity, parts.pictures[0].id)
        with pytest.raises(NotRecordedThen):
            service.tell_heritage(OPERATOR, session, identity, at=clock.now() - timedelta(days=1))
    with database.write(actor=OPERATOR) as session:
        audited = set(session.scalars(select(AuditEntry.table_name)))
    assert {"heritage", "heritage_evidence", "heritage_story", "heritage_picture", "heritage_measure"} <= audited


def test_the_guard_asks_for_measures_before_a_renaming(database: Database, lane: UUID) -> None:
    assert not guarded(database, lane).is_listed
    told = propose(database, place=lane, evidence=[PROOF])
    guarded(database, lane).require_measures()
    enlist(database, told)
    with pytest.raises(HeritageUnprotected) as refused:
        guarded(database, lane).require_measures()
    assert "酒坊巷" in refused.value.message("zh")
    # What keeps it isn't what the law wants beforehand.
    measured(database, told, purpose="keeping")
    assert guarded(database, lane).unprotected
    told = measured(database, told)
    guarded(database, lane).require_measures()
    assert guarded(database, lane, date(2023, 4, 30)).unprotected
    guarded(database, lane, date(2023, 5, 1)).require_measures()
    with database.write(actor=OPERATOR) as session:
        one = told.parts.measures[-1].id
        service.withdraw_part(session, told.heritage.id, HeritagePart.MEASURES, one, "误", actor=OPERATOR)
    assert guarded(database, lane).unprotected
    with pytest.raises(PlaceUnknown):
        guarded(database, uuid4())
    with pytest.raises(HeritageUnsound):
        measured(database, told, decided_on=tomorrow().isoformat())


def test_a_former_name_on_a_list_keeps_nothing(database: Database, lane: UUID) -> None:
    enlist(database, propose(database, name="酒巷", place=lane, evidence=[PROOF]))
    assert not guarded(database, lane).is_listed
    # Once it is the present name again, it does.
    with database.write(actor="test") as session:
        place = session.get_one(Place, lane)
        place.standard_name = "酒巷"
    assert guarded(database, lane).is_listed
    with database.read() as session:
        assert places.get_place(session, lane).name == "酒巷"


def test_listing_is_by_an_approved_case_or_taken_over(database: Database, lane: UUID) -> None:
    told = propose(database, place=lane, evidence=[PROOF])

    with pytest.raises(HeritageUnsound) as refused:
        enlist(database, told, taken_over=False)
    with pytest.raises(HeritageUnsound, match="330702-2026-0009"):
        enlist(database, told, taken_over=False, case="330702-2026-0009")

    assert "事项" in refused.value.message("zh")


@pytest.mark.parametrize("state", ["approved", "signed"])
def test_listing_by_its_case_waits_for_the_approval(database: Database, lane: UUID, state: str) -> None:
    told = propose(database, place=lane, evidence=[PROOF])
    with database.write(actor=OPERATOR) as session:
        division = session.scalars(select(Division)).first()
        assert division is not None
        case = NamingCase(
            number="330702-2026-0001",
            kind="heritage",
            title="x",
            division_id=division.id,
            approver="government",
            state=state,
            approved_on=date(2022, 11, 18) if state == "approved" else None,
        )
        session.add(case)
        session.flush()
        line = {"name": "酒坊巷", "place_class": "street", "place_id": lane}
        session.add(CaseName(case_id=case.id, position=1, action="list", **line))

    if state != "approved":
        with pytest.raises(HeritageUnsound):
            enlist(database, told, taken_over=False, case=case.number)
        return
    assert enlist(database, told, taken_over=False, case=case.number).heritage.status == "listed"


@pytest.mark.parametrize("missing", ["document_number", "why"])
def test_taking_off_a_list_needs_its_document_and_a_reason(missing: str) -> None:
    off = {"delisted_on": "2024-01-01", "document_number": "金民〔2024〕1号", "why": "重复列入"}
    with pytest.raises(ValidationError):
        Delisting.model_validate({**off, missing: ""})
