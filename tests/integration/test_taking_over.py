"""Taking over what exists is a case: of a dataset, of a place by hand, of an earlier approval; nothing changes, nothing falls due."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from geo_registry.accounts.actors import Grant
from geo_registry.cases import service, taking_over, writing
from geo_registry.cases.inputs import NewCase, TakenOver, Taking
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import CaseQuery, CaseRow
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, ReadSession, WriteSession, sign
from geo_registry.errors import (
    CaseDateAhead,
    CaseElsewhere,
    CaseStepNotOpen,
    NotYourDivision,
    NotYourRole,
    PlaceUnknown,
)
from geo_registry.model import CaseName, NameDecision, NamingCase, Place
from geo_registry.places import service as places
from geo_registry.places.inputs import NewPlace
from geo_registry.places.queries import PlaceQuery
from geo_registry.search import keeping
from geo_registry.vocabulary import (
    CaseOrigin,
    CaseState,
    CaseStep,
    DatasetKind,
    DivisionLevel,
    DocumentKind,
    DutyState,
    LineState,
    Role,
)
from tests.factories import TOWN, make_actor, make_division, make_two_towns, operator
from tests.integration.imports import run_import, write_csv

TODAY = date(2026, 11, 25)
COUNTY, NEIGHBOUR = "330702000000", "330703000000"
ROWS = ["1,酒坊巷,street,119.60,29.05", "2,后街,street,119.61,29.06"]
HEADER = "编号,标准名称,地名类别,经度,纬度"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


@pytest.fixture
def registry(database: Database) -> Database:
    keeping.install()
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


@pytest.fixture
def county(session: WriteSession) -> WriteSession:
    make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
    make_division(session, NEIGHBOUR, name="金东区", box=(119.8, 29.0, 120.1, 29.2))
    sign(session, actor=operator())
    return session


def placed(session: WriteSession, name: str = "中山路", **over: Any) -> UUID:
    values = {"class": "street", "name": name, "division": COUNTY, **over}
    return places.register_place(session, NewPlace.model_validate(values), actor=operator()).place.id


def earlier(place: UUID, **over: Any) -> TakenOver:
    values = {
        "kind": "naming",
        "title": "关于命名中山路的批复",
        "division": COUNTY,
        "names": [{"place": place, "action": "name", "name": "中山路"}],
    }
    return TakenOver.model_validate(values | over)


def taken_over(session: ReadSession) -> Sequence[CaseRow]:
    rows = service.list_cases(session, CaseQuery(), Page(limit=100), actor=operator()).rows
    return [row for row in rows if row.origin is CaseOrigin.TAKEN_OVER]


def test_import_of_places_opens_one_case_that_asks_for_nothing(registry: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, HEADER, *ROWS, name="cards.csv")

    run_import(registry, DatasetKind.PLACES, path)

    with registry.read() as session:
        (row,) = taken_over(session)
        told = service.tell_case(session, row.id, actor=operator())
    assert (row.state, row.approved_on, row.approval_number, row.known_approver) == (CaseState.APPROVED, None, "", None)
    assert (row.title, row.filing, row.announcing, row.due_on) == ("接收既有地名：cards", None, None, None)
    assert (told.taken_over, told.lines, told.steps, told.dues, told.open_steps) == (2, [], [], [], [])
    assert not row.is_open


def test_second_import_of_a_dataset_goes_on_in_its_case(registry: Database, tmp_path: Path) -> None:
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, ROWS[0], name="cards.csv"))
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, *ROWS, name="cards.csv"))

    with registry.read() as session:
        (row,) = taken_over(session)
        told = service.tell_case(session, row.id, actor=operator())
        listed = places.list_places(session, PlaceQuery(dataset=row.dataset), Page(limit=10)).rows
    assert told.taken_over == 2
    assert [each.name for each in listed] == ["酒坊巷", "后街"]


@pytest.mark.parametrize("rows", [["1,酒坊巷,street,119.60,29.05,秘密"], []])
def test_import_that_writes_nothing_opens_no_case(registry: Database, tmp_path: Path, rows: list[str]) -> None:
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, *ROWS[:1], name="cards.csv"), dry_run=True)
    if rows:
        run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, f"{HEADER},密级", *rows, name="cards.csv"))

    with registry.read() as session:
        assert taken_over(session) == []


def test_case_of_a_dataset_is_that_of_the_smallest_division_that_holds_its_places(
    registry: Database, tmp_path: Path
) -> None:
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, ROWS[0], name="one.csv"))

    with registry.read() as session:
        (row,) = taken_over(session)
        lies_in = places.list_places(session, PlaceQuery(), Page(limit=1)).rows[0].division_code
    assert row.division_code == lies_in == TOWN


@pytest.mark.parametrize(
    ("codes", "held_by"),
    [
        (["330702001000", "330702002000"], COUNTY),
        ([COUNTY, NEIGHBOUR], "330700000000"),
        ([COUNTY, None], "330700000000"),
        ([], "330700000000"),
        (["110101000000"], "330700000000"),
    ],
)
def test_smallest_division_that_holds_all_else_the_registrys_own(
    county: WriteSession, codes: list[str | None], held_by: str
) -> None:
    make_division(county, "330700000000", name="金华市", level=DivisionLevel.CITY)

    found = taking_over.smallest_holding(county, codes)

    assert found is not None
    assert found.code == held_by


def test_what_lies_in_no_division_is_the_first_ones_where_the_registrys_own_is_not_registered(
    county: WriteSession,
) -> None:
    found = taking_over.smallest_holding(county, [None])
    assert found is not None
    assert found.code == COUNTY


def test_where_no_division_is_registered_no_case_holds_anything(session: WriteSession) -> None:
    assert taking_over.smallest_holding(session, [None]) is None


def test_everybody_may_know_that_a_place_was_taken_over(registry: Database, tmp_path: Path) -> None:
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, ROWS[0], name="cards.csv"))

    with registry.read() as session:
        place = session.execute(select(Place.id)).scalar_one()
        (decision,) = service.decisions_of(session, place)
        (case,) = service.cases_for(operator(), session, place) or ()
    assert (decision.name, decision.taken_over, decision.approved_on, decision.approval_number) == (
        "酒坊巷",
        True,
        None,
        "",
    )
    assert case.id == decision.case


def test_decision_on_a_place_says_more_than_that_it_was_taken_over(registry: Database, tmp_path: Path) -> None:
    run_import(registry, DatasetKind.PLACES, write_csv(tmp_path, HEADER, ROWS[0], name="cards.csv"))
    with registry.write(actor="test") as session:
        place = session.execute(select(Place.id)).scalar_one()
        names = [{"place": place, "name": "酒坊巷"}]
        taken = earlier(place, division=TOWN, names=names, approval_number="金政〔1984〕31号", approved_on="1984-05-04")
        service.take_over(session, taken, actor=operator())

        (decision,) = service.decisions_of(session, place)

    assert (decision.approval_number, decision.taken_over) == ("金政〔1984〕31号", False)


def test_place_registered_by_hand_has_a_case_of_its_own(county: WriteSession) -> None:
    new = NewPlace.model_validate({"class": "street", "name": "后街", "division": COUNTY})
    actor = make_actor(Grant(Role.REGISTRAR, "330702"))
    sign(county, actor=actor)

    told = service.register_place(county, new, actor=actor)

    (case,) = service.cases_for(actor, county, told.place.id) or ()
    (line,) = service.tell_case(county, case.id, actor=actor).lines
    (decision,) = service.decisions_of(county, told.place.id)
    assert (case.origin, case.state, case.division_code) == (CaseOrigin.TAKEN_OVER, CaseState.APPROVED, COUNTY)
    assert (line.place, line.name, line.state) == (told.place.id, "后街", LineState.IN_FORCE)
    assert decision.taken_over


def test_earlier_approval_is_known_and_changes_nothing(county: WriteSession) -> None:
    place = placed(county)
    before = places.tell_place(county, place)
    actor = make_actor(Grant(Role.REGISTRAR, "330702"))
    sign(county, actor=actor)

    told = service.take_over(
        county,
        earlier(
            place,
            approver="government",
            approving_body="金华市人民政府",
            approved_on="1984-05-04",
            approval_number="金政〔1984〕31号",
            filed_on="1984-06-01",
            filing_number="浙地名备〔1984〕3号",
            announced_on="1984-06-02",
        ),
        actor=actor,
    )

    row = told.case
    (decision,) = service.decisions_of(county, place)
    assert (row.origin, row.state, row.approved_on) == (CaseOrigin.TAKEN_OVER, CaseState.APPROVED, date(1984, 5, 4))
    assert (row.filing, row.announcing, row.due_on, told.dues, told.open_steps) == (
        DutyState.DONE,
        DutyState.DONE,
        None,
        [],
        [],
    )
    assert (decision.body, decision.approval_number, decision.filed_on, decision.announced_on) == (
        "金华市人民政府",
        "金政〔1984〕31号",
        date(1984, 6, 1),
        date(1984, 6, 2),
    )
    assert places.tell_place(county, place) == before


def test_what_is_not_known_of_an_earlier_approval_stays_unknown(county: WriteSession) -> None:
    place = placed(county)

    told = service.take_over(county, earlier(place), actor=operator())

    row = told.case
    assert (row.approved_on, row.approval_number, row.approving_body, row.known_approver) == (None, "", "", None)
    assert (row.filing, row.announcing) == (None, None)


def test_body_that_is_not_named_is_that_of_the_division(county: WriteSession) -> None:
    make_division(county, "330700000000", name="金华市", level=DivisionLevel.CITY)
    place = placed(county)

    told = service.take_over(county, earlier(place, approver="government"), actor=operator())

    assert told.case.approving_body == "金华市人民政府"


def test_renaming_taken_over_says_what_the_place_was_called(county: WriteSession) -> None:
    place = placed(county)
    names = [{"place": place, "action": "rename", "name": "中山路", "former": "府前街"}]

    (line,) = service.take_over(county, earlier(place, kind="renaming", names=names), actor=operator()).lines

    assert (line.place_name, line.name) == ("府前街", "中山路")


def test_places_that_ended_or_wait_for_a_case_may_be_of_an_earlier_one(county: WriteSession) -> None:
    gone = placed(county, "旧街", state="abolished", ended_on="1999")
    waiting = placed(county, "新街")
    pending = {
        "kind": "renaming",
        "title": "关于新街更名的申请",
        "division": COUNTY,
        "approver": "government",
        "names": [{"action": "rename", "place": waiting, "name": "新华街"}],
    }
    service.open_case(county, NewCase.model_validate(pending), actor=operator())

    told = service.take_over(
        county, earlier(gone, names=[{"place": gone, "action": "abolish"}, {"place": waiting}]), actor=operator()
    )

    assert [line.name for line in told.lines] == ["旧街", "新街"]


def test_no_step_is_open_to_what_was_taken_over(county: WriteSession) -> None:
    case = service.take_over(county, earlier(placed(county)), actor=operator()).case.id

    with pytest.raises(CaseStepNotOpen):
        service.submit(county, case, CaseStep.WITHDRAW, Taking(), seen=WHICHEVER, actor=operator())
    with pytest.raises(CaseStepNotOpen):
        service.follow_up(county, case, CaseStep.FILE, Taking(), seen=WHICHEVER, actor=operator())


def test_documents_are_added_to_what_was_taken_over(county: WriteSession) -> None:
    case = service.take_over(county, earlier(placed(county)), actor=operator()).case.id
    paper = NewDocument(kind=DocumentKind.APPROVAL, file_name="批复.pdf", content=b"%PDF-1.7\n%%EOF\n")

    service.attach(county, case, paper, actor=operator())

    assert [each.file_name for each in service.tell_case(county, case, actor=operator()).documents] == ["批复.pdf"]


@pytest.mark.parametrize("field", ["approved_on", "filed_on", "announced_on"])
def test_nothing_was_decided_on_a_day_to_come(county: WriteSession, field: str) -> None:
    with pytest.raises(CaseDateAhead):
        service.take_over(county, earlier(placed(county), **{field: "2026-11-26"}), actor=operator())


@pytest.mark.parametrize(
    "over",
    [
        {"approved_on": "1984-05-04", "filed_on": "1984-05-03"},
        {"approving_body": "金华市人民政府"},
        {"names": []},
    ],
)
def test_what_contradicts_itself_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        earlier(uuid4(), **over)


def test_the_same_done_twice_to_a_place_is_refused() -> None:
    place = uuid4()
    with pytest.raises(ValidationError):
        earlier(place, names=[{"place": place}, {"place": place, "name": "中山大路"}])


def test_place_of_another_county_or_of_none_is_refused(county: WriteSession) -> None:
    other = placed(county, "东街", division=NEIGHBOUR)

    with pytest.raises(CaseElsewhere):
        service.take_over(county, earlier(other), actor=operator())
    with pytest.raises(PlaceUnknown):
        service.take_over(county, earlier(uuid4()), actor=operator())


@pytest.mark.parametrize(
    ("grant", "refused"),
    [
        (Grant(Role.REGISTRAR, "330703"), NotYourDivision),
        (Grant(Role.TOWNSHIP, "330702"), NotYourRole),
        (Grant(Role.SIGNER, "330702"), NotYourRole),
    ],
)
def test_registrars_alone_take_over_in_their_own_division(
    county: WriteSession, grant: Grant, refused: type[Exception]
) -> None:
    place = placed(county)
    with pytest.raises(refused):
        service.take_over(county, earlier(place), actor=make_actor(grant))


def test_numbers_of_cases_taken_over_go_on_those_of_the_year(county: WriteSession) -> None:
    place = placed(county)
    numbers = [service.take_over(county, earlier(place), actor=operator()).case.number for _ in range(2)]
    assert numbers == ["330702-2026-0001", "330702-2026-0002"]


def test_what_was_taken_over_says_who_took_it_over(county: WriteSession) -> None:
    place = placed(county)
    actor = make_actor(Grant(Role.REGISTRAR, "330702"))
    sign(county, actor=actor)

    case = service.take_over(county, earlier(place, why="档案清理"), actor=actor).case.id

    for table in (NamingCase.id, CaseName.case_id, NameDecision.case_id):
        record = county.scalars(select(table.class_).where(table == case)).one()
        assert (record.recorded_by, record.recorded_why) == (actor.name, "档案清理")
