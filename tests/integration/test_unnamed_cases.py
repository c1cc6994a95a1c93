"""Lanes that wait for a case: what becomes of them with it, two who file them at once, and their other names."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import text

from geo_registry.accounts.actors import Actor, Grant
from geo_registry.cases import service as cases
from geo_registry.cases.inputs import Approving, LineChange, LineClearing, NewCase, Sending, Taking
from geo_registry.cases.service import CaseTold
from geo_registry.coverage.faces import faces
from geo_registry.db.events import subscribe, unsubscribe
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import CaseFindingsOpen, LaneSettled, LaneUnsound
from geo_registry.model import UnnamedLane
from geo_registry.places import service as places
from geo_registry.places.events import NameAbolished
from geo_registry.unnamed import fieldmap, service, sheet, signing, standing
from geo_registry.unnamed.inputs import Batch
from geo_registry.unnamed.queries import LaneQuery
from geo_registry.vocabulary import CaseStep, FindingCode, LaneStatus, LineState, NameKind, PlateAxis, Role
from tests.conftest import TestUrls
from tests.factories import make_actor
from tests.integration.test_unnamed import (
    NEXT_VILLAGE,
    OPERATOR,
    TOWN,
    VILLAGE,
    decide,
    fill,
    find,
    lanes,
    to_the_temple,
)

TODAY = date(2026, 11, 20)
BATCH = Batch(division=TOWN, title="关于命名无名道路的申请", plan="清单附后", reasons="乡村著名行动")
WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def filed(database: Database, tmp_path: Path) -> "Filed":
    """The lanes of two names, one of which goes by others too, filed as one case."""
    fill(database)
    find(database, tmp_path)
    propose(database)
    return Filed(database)


def propose(database: Database) -> None:
    temple = to_the_temple(database)
    for each in lanes(database):
        told = {"name": "胡公庙路", "other_names": ["庙弄", "老庙路"]} if each.id == temple.id else {"name": "塘南路"}
        decide(database, each, decision="propose", **told)


class Filed:
    """A case of lanes in a registry, whose steps are taken one after another."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.signer = make_actor(Grant(Role.SIGNER, "330702"))
        with database.write(actor=OPERATOR) as session:
            self.case = service.file_lanes(session, BATCH, actor=OPERATOR)

    @property
    def id(self) -> UUID:
        return self.case.case.id

    def step(self, step: CaseStep, taking: Taking | None = None) -> CaseTold:
        verbs = {
            CaseStep.SUBMIT: (cases.submit, OPERATOR),
            CaseStep.WITHDRAW: (cases.submit, OPERATOR),
            CaseStep.REVIEW: (cases.sign, self.signer),
            CaseStep.SIGN: (cases.sign, self.signer),
            CaseStep.APPROVE: (cases.decide, self.signer),
            CaseStep.REJECT: (cases.decide, self.signer),
        }
        verb, actor = verbs.get(step, (cases.handle, OPERATOR))
        with self.database.write(actor=actor) as session:
            return verb(session, self.id, step, taking or Taking(on=TODAY), seen=WHICHEVER, actor=actor)

    def signed(self) -> None:
        self.step(CaseStep.SUBMIT)
        self.step(CaseStep.CHECK)
        with self.database.write(actor=OPERATOR) as session:
            for line, findings in cases.check_case(session, self.id, actor=OPERATOR).items():
                for code, other in dict.fromkeys((each.finding.code, each.other) for each in findings if each.counts):
                    settling = LineClearing(code=code, collides_name=other, reason="核实无误")
                    cases.clear_finding(session, self.id, line, settling, actor=OPERATOR)
        for step in (CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN):
            self.step(step)

    def strike(self, name: str, state: LineState = LineState.STRUCK) -> None:
        line = next(each.id for each in self.case.lines if each.name == name)
        change = LineChange(state=state, why="名称待议")
        with self.database.write(actor=OPERATOR) as session:
            cases.change_name(session, self.id, line, change, seen=WHICHEVER, actor=OPERATOR)

    def statuses(self) -> dict[str | None, LaneStatus]:
        return {each.proposed_name: each.status for each in lanes(self.database)}


def test_a_lane_is_settled_as_long_as_its_case_holds_it(filed: Filed) -> None:
    assert filed.statuses() == {"胡公庙路": LaneStatus.FILED, "塘南路": LaneStatus.FILED}
    with pytest.raises(LaneSettled):
        decide(filed.database, to_the_temple(filed.database), decision="reopen")


def test_lanes_of_a_case_that_is_withdrawn_can_be_filed_again(filed: Filed) -> None:
    before = to_the_temple(filed.database).version
    filed.step(CaseStep.WITHDRAW, Sending(on=TODAY, note="重新拟名"))
    assert set(filed.statuses().values()) == {LaneStatus.PROPOSED}
    assert to_the_temple(filed.database).version != before
    with filed.database.read() as session:
        told = {each.code: each for each in service.progress_by_division(session, None, actor=OPERATOR)}
    assert told[TOWN].lanes == {LaneStatus.PROPOSED: 3}
    decide(filed.database, to_the_temple(filed.database), decision="propose", name="胡公路")
    again = Filed(filed.database)
    assert {each.name for each in again.case.lines} == {"胡公路", "塘南路"}
    assert set(again.statuses().values()) == {LaneStatus.FILED}


def test_lanes_of_a_case_that_is_refused_are_open_again(filed: Filed) -> None:
    filed.signed()
    filed.step(CaseStep.REJECT, Sending(on=TODAY, note="名称与规划不符"))
    assert set(filed.statuses().values()) == {LaneStatus.PROPOSED}
    assert decide(filed.database, to_the_temple(filed.database), decision="reopen").status is LaneStatus.FOUND


def test_a_line_that_is_struck_out_lets_its_lane_go_alone(filed: Filed) -> None:
    filed.strike("塘南路")
    assert filed.statuses() == {"胡公庙路": LaneStatus.FILED, "塘南路": LaneStatus.PROPOSED}
    filed.strike("塘南路", LineState.OPEN)
    assert set(filed.statuses().values()) == {LaneStatus.FILED}
    filed.strike("塘南路")
    filed.signed()
    filed.step(CaseStep.APPROVE, Approving(approving_body="金华市人民政府", on=TODAY, number="金政地名〔2026〕12号"))
    assert filed.statuses() == {"胡公庙路": LaneStatus.NAMED, "塘南路": LaneStatus.PROPOSED}


def test_a_name_that_is_approved_stays_with_its_lane_and_its_other_names_with_the_place(
    filed: Filed, tmp_path: Path
) -> None:
    line = next(each for each in filed.case.lines if each.name == "胡公庙路")
    assert line.aliases == ("庙弄", "老庙路")
    filed.signed()
    told = filed.step(
        CaseStep.APPROVE, Approving(approving_body="金华市人民政府", on=TODAY, number="金政地名〔2026〕12号")
    )
    place = next(each.place for each in told.lines if each.name == "胡公庙路")
    assert place is not None
    with filed.database.read() as session:
        names = places.tell_place(session, place).names
    aliases = {each.name: each for each in names if each.kind == NameKind.ALIAS.value}
    assert set(aliases) == {"庙弄", "老庙路"}
    assert {each.romanized for each in aliases.values()} == {"Miào Lòng", "Lǎomiào Lù"}
    assert [each.name for each in names if each.is_standard] == ["胡公庙路"]
    assert set(filed.statuses().values()) == {LaneStatus.NAMED}
    find(filed.database, tmp_path)
    assert set(filed.statuses().values()) == {LaneStatus.NAMED}


def test_whoever_sees_no_case_is_told_the_same_of_its_lanes(filed: Filed) -> None:
    filed.strike("塘南路")
    other = make_actor(Grant(Role.REGISTRAR, "330703"))
    with filed.database.read() as session:
        seen = service.all_lanes(session, LaneQuery(), actor=other)
    assert {each.proposed_name: each.status for each in seen} == filed.statuses()


@pytest.fixture
def really(committed: TestUrls) -> Iterator[Database]:
    """A registry whose units of work are committed: others wait for them."""
    database = Database.connect(committed.app)
    yield database
    database.dispose()


def test_two_who_file_the_same_lanes_at_once_make_one_case(really: Database, tmp_path: Path) -> None:
    database = really
    fill(database)
    find(database, tmp_path)
    propose(database)
    chosen = tuple(each.id for each in lanes(database))

    def file(actor: Actor, batch: Batch) -> None:
        with database.write(actor=actor) as session:
            service.file_lanes(session, batch, actor=actor)

    with ThreadPoolExecutor(2) as pool:
        with database.write(actor=OPERATOR) as session:
            first = service.file_lanes(session, BATCH, actor=OPERATOR)
            chosen_too = BATCH.model_copy(update={"lanes": chosen})
            later = [pool.submit(file, OPERATOR, each) for each in (BATCH, chosen_too)]
            until = monotonic() + 60
            with database.engine.connect() as watching:
                while not watching.execute(WAITS).scalar_one():
                    assert not any(each.done() for each in later), [each.exception() for each in later if each.done()]
                    assert monotonic() < until
                    sleep(0.01)
        for each in later:
            with pytest.raises(LaneUnsound):
                each.result(60)
    with database.read() as reading:
        held = {each.case_name_id for each in reading.query(UnnamedLane)}
    assert held == {each.id for each in first.lines}


def test_signs_are_planned_for_what_is_filed_and_named_alone(filed: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    with filed.database.read() as session:
        signs = service.list_signs(session, TOWN, actor=OPERATOR)
    # The lane to the temple ends at a road and at nothing; 塘南路 is one road of two lanes.
    assert {(each.name, each.romanized, each.spot.axis) for each in signs} == {
        ("胡公庙路", "HUGONGMIAO LU", PlateAxis.NORTH_SOUTH),
        ("塘南路", "TANGNAN LU", PlateAxis.EAST_WEST),
    }
    assert [each.name for each in signs].count("胡公庙路") == 2
    assert [each.name for each in signs].count("塘南路") == 3
    with filed.database.read() as session:
        told = {each.code: each.signs for each in service.progress_by_division(session, None, actor=OPERATOR)}
    assert told == {TOWN: 5, VILLAGE: 4, NEXT_VILLAGE: 1}
    monkeypatch.setattr(signing, "MOST_COUNTED", 2)
    with filed.database.read() as session:
        told = {each.code: each.signs for each in service.progress_by_division(session, None, actor=OPERATOR)}
    assert told == {TOWN: None, VILLAGE: None, NEXT_VILLAGE: None}, "more than anybody waits for aren't counted"
    filed.strike("塘南路")
    with filed.database.read() as session:
        left = service.list_signs(session, TOWN, actor=OPERATOR)
        carried = service.carry(session, LaneQuery(division=TOWN), actor=OPERATOR)
    assert {each.name for each in left} == {"胡公庙路"}
    assert [each.name for each in carried.signs] == ["胡公庙路", "胡公庙路"]
    book = openpyxl.load_workbook(io.BytesIO(sheet.workbook(carried.lanes, carried.offers, carried.signs)))
    rows = list(book[sheet.SIGNS].iter_rows(min_row=2, values_only=True))
    assert [(row[2], row[3], row[5]) for row in rows] == [("胡公庙路", "HUGONGMIAO LU", "南北向（绿）")] * 2
    chart = fieldmap.document(
        carried.lanes, carried.offers, families=faces(), backdrop=carried.backdrop, signs=carried.signs
    )
    assert chart.startswith(b"%PDF")


def test_a_sign_shows_the_name_that_the_case_has_come_to(filed: Filed) -> None:
    line = next(each.id for each in filed.case.lines if each.name == "胡公庙路")
    change = LineChange(name="胡公庙街", why="简化")
    with filed.database.write(actor=OPERATOR) as session:
        cases.change_name(session, filed.id, line, change, seen=WHICHEVER, actor=OPERATOR)
    other = make_actor(Grant(Role.REGISTRAR, "330703"))
    with filed.database.read() as reading:
        signs = service.list_signs(reading, VILLAGE, actor=other)
    assert {each.name for each in signs} == {"胡公庙街", "塘南路"}
    assert {each.romanized for each in signs} == {"HUGONGMIAO JIE", "TANGNAN LU"}


def test_the_abolition_of_a_place_with_planned_signs_is_told_and_has_them_withdrawn(filed: Filed) -> None:
    filed.signed()
    told = filed.step(
        CaseStep.APPROVE, Approving(approving_body="金华市人民政府", on=TODAY, number="金政地名〔2026〕12号")
    )
    temple = next(each.place for each in told.lines if each.name == "胡公庙路")
    assert temple is not None
    standing.install()
    ending = NewCase.model_validate(
        {
            "kind": "abolition",
            "title": "关于销名胡公庙路的申请",
            "division": TOWN,
            "approver": "government",
            "names": [{"action": "abolish", "place": str(temple)}],
        }
    )
    heard: list[NameAbolished] = []
    with filed.database.write(actor=OPERATOR) as session:
        filed.case = cases.open_case(session, ending, actor=OPERATOR)
        (findings,) = cases.check_case(session, filed.id, actor=OPERATOR).values()
    (finding,) = [each for each in findings if each.finding.code is FindingCode.STANDING]
    assert finding.counts
    assert "胡公庙路将销名，仍有拟设地名标志 2 处（119.6" in finding.finding.message("zh-CN")
    assert "2 signs planned" in finding.finding.message("en")
    filed.step(CaseStep.SUBMIT)
    filed.step(CaseStep.CHECK)
    with pytest.raises(CaseFindingsOpen):
        filed.step(CaseStep.HANDLE)
    with filed.database.write(actor=OPERATOR) as session:
        settling = LineClearing(code=FindingCode.STANDING, collides_name="", reason="标志随销名撤销")
        cases.clear_finding(session, filed.id, filed.case.lines[0].id, settling, actor=OPERATOR)
    for step in (CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN):
        filed.step(step)

    def withdraw(session: WriteSession, said: NameAbolished) -> None:
        del session
        heard.append(said)

    subscribe(NameAbolished, withdraw)
    try:
        filed.step(
            CaseStep.APPROVE,
            Approving(approving_body="金华市人民政府", on=date(2026, 11, 25), number="金政地名〔2026〕13号"),
        )
    finally:
        unsubscribe(NameAbolished, withdraw)
    ((stood,),) = [each.standing for each in heard]
    assert (stood.place, stood.zh, len(stood.positions)) == (temple, "拟设地名标志", 2)
    with filed.database.read() as reading:
        assert {each.name for each in service.list_signs(reading, TOWN, actor=OPERATOR)} == {"塘南路"}
    assert filed.statuses()["胡公庙路"] is LaneStatus.PROPOSED
