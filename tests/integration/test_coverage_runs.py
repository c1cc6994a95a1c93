"""Coverage runs on a small town whose answer can be counted by hand."""

import csv
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from geo_registry.coverage import exports, queries, service
from geo_registry.coverage.inputs import Question, Standard, standard_from
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import (
    BasisMismatch,
    DatasetUnknown,
    FilterSyntax,
    GroupUnknown,
    NobodyAsked,
    OutputUnknown,
    RunFinished,
    RunNotDone,
    RunUnknown,
)
from geo_registry.model import CoverageRun, Dataset, Division, Facility
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityKind, PopulationBasis
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road, operator

DEG_100M = 0.0008983152841195214
"""A hundred metres along the equator of CGCS2000, in degrees."""

STANDARD: dict[str, object] = {
    "key": "town",
    "name": {"zh": "小镇", "en": "town"},
    "family": "reach",
    "demand": "all",
    "basis": "resident",
    "kinds": ["home-care-centre"],
    "speed_kmh": 3.6,
    "minutes": 5,
    "snap_limit_m": 100,
    "source": "the test",
}
"""Five minutes at 3.6 km/h are 300 m."""


def standard(**over: object) -> Standard:
    return standard_from({**STANDARD, **over}, origin="test")


@dataclass(frozen=True)
class Town:
    """One street along the equator with a home-care centre at its west end, and an island street that joins nothing.

    People: 10 at 300 m (the very threshold), 20 at 400 m, 40 on the island street, 80 a kilometre from any road.
    The first two live in township A, the others in township B, both in one county.
    """

    people: Dataset
    county: Division
    centre: Facility


@pytest.fixture
def town(session: WriteSession) -> Town:
    roads = make_dataset(session, DatasetKind.ROADS)
    make_road(session, roads, [(0, 0), (5 * DEG_100M, 0)])
    make_road(session, roads, [(0, 10 * DEG_100M), (DEG_100M, 10 * DEG_100M)])
    county = make_division(session, "330702000000", level=DivisionLevel.COUNTY)
    near = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, parent=county)
    far = make_division(session, "330702002000", level=DivisionLevel.TOWNSHIP, parent=county)
    people = make_dataset(session, DatasetKind.POPULATION, basis=PopulationBasis.RESIDENT.value)
    make_demand_point(session, people, lon=3 * DEG_100M, lat=0, counts={"all": 10, "60+": 4}, division=near)
    make_demand_point(session, people, lon=4 * DEG_100M, lat=0, counts={"all": 20, "60+": 5}, division=near)
    make_demand_point(session, people, lon=0, lat=10 * DEG_100M, counts={"all": 40}, division=far)
    make_demand_point(session, people, lon=0, lat=-10 * DEG_100M, counts={"all": 80}, division=far)
    return Town(people=people, county=county, centre=make_facility(session, lon=0, lat=0, name="<b>=1+1&"))


@dataclass(frozen=True)
class Runner:
    """Records and performs runs in the test's transaction."""

    database: Database
    data_path: Path

    def __call__(self, asked: Standard, **question: object) -> UUID:
        return service.run_now(
            self.database,
            standard=asked,
            question=Question.model_validate(question),
            actor=operator("planner"),
            data_path=self.data_path,
        )

    def totals(self, asked: Standard, **question: object) -> dict[str, object]:
        with self.database.read() as session:
            totals = queries.get_run(session, self(asked, **question)).totals
        assert totals is not None
        return totals


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Runner:
    return Runner(database, tmp_path)


@pytest.mark.usefixtures("town")
def test_everyone_is_in_exactly_one_state(run: Runner) -> None:
    totals = run.totals(standard())
    assert totals["demand"] == 150
    assert totals["covered"] == 10  # at the threshold itself: it is inclusive
    assert totals["gap"] == 140
    assert totals["unreachable"] == 40
    assert totals["unsnapped"] == 80
    assert totals["points_by_state"] == {"covered": 1, "beyond": 1, "unreachable": 1, "unsnapped": 1}
    assert totals["share"] == pytest.approx(10 / 150)


@pytest.mark.usefixtures("town")
def test_zones_add_up_to_their_parent(run: Runner, session: WriteSession) -> None:
    zones = {zone.code: zone for zone in queries.list_zones(session, run(standard()))}
    assert list(zones) == ["330702000000", "330702001000", "330702002000"]
    whole, near, far = zones.values()
    assert (near.demand, near.covered) == (30, 10)
    assert (far.demand, far.unreachable, far.unsnapped) == (120, 40, 80)
    assert whole.demand == near.demand + far.demand
    assert whole.covered == near.covered + far.covered


@pytest.mark.usefixtures("town")
def test_zone_question_counts_its_people_only(run: Runner) -> None:
    assert run.totals(standard(), zone="330702001")["demand"] == 30


@pytest.mark.usefixtures("town")
def test_zone_without_people_is_refused(run: Runner) -> None:
    with pytest.raises(NobodyAsked):
        run(standard(), zone="330799")


@pytest.mark.usefixtures("town")
def test_group_counts_only_points_that_say_something_about_it(run: Runner, session: WriteSession) -> None:
    found = queries.get_run(session, run(standard(demand="60+")))
    assert found.totals is not None
    assert found.inputs is not None
    assert found.totals["demand"] == 9
    population = found.inputs["population"]
    assert isinstance(population, dict)
    assert population["points_without_group"] == 2


@pytest.mark.usefixtures("town")
def test_unknown_group_names_those_that_there_are(run: Runner) -> None:
    with pytest.raises(GroupUnknown, match=r"60\+, all"):
        run(standard(demand="90+"))


@pytest.mark.usefixtures("town")
def test_population_of_another_basis_is_refused_and_the_run_says_so(run: Runner, session: WriteSession) -> None:
    with pytest.raises(BasisMismatch):
        run(standard(basis="registered"))
    session.expire_all()
    failed = session.scalars(select(CoverageRun)).one()
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "basis-mismatch"


def test_registry_without_people_is_refused(run: Runner) -> None:
    with pytest.raises(DatasetUnknown):
        run(standard())


@pytest.mark.usefixtures("town")
def test_condition_on_a_detail_chooses_facilities(run: Runner, session: WriteSession) -> None:
    make_facility(session, lon=5 * DEG_100M, lat=0, detail={"day_places": 12})
    assert run.totals(standard(where="day_places > 10"))["covered"] == 30
    assert run.totals(standard(where="day_places > 12"))["facilities"] == 0


@pytest.mark.usefixtures("town")
def test_condition_that_cannot_be_parsed_is_refused(run: Runner) -> None:
    with pytest.raises(FilterSyntax):
        run(standard(where="day_places >"))


@pytest.mark.usefixtures("town")
def test_facility_of_another_kind_or_not_open_does_not_serve(run: Runner, session: WriteSession) -> None:
    make_facility(session, FacilityKind.CEMETERY, lon=4 * DEG_100M, lat=0)
    make_facility(session, lon=4 * DEG_100M, lat=0, status="planned")
    make_facility(session, lon=4 * DEG_100M, lat=0, opened_on=date(2999, 1, 1))
    assert run.totals(standard())["facilities"] == 1


@pytest.mark.usefixtures("town")
def test_facility_closed_since_stood_on_a_past_date(run: Runner, session: WriteSession) -> None:
    make_facility(
        session, lon=4 * DEG_100M, lat=0, status="closed", opened_on=date(2010, 1, 1), closed_on=date(2021, 6, 1)
    )
    assert run.totals(standard(), as_of=date(2020, 12, 31))["covered"] == 30
    assert run.totals(standard(), as_of=date(2021, 6, 1))["covered"] == 10
    assert run.totals(standard())["covered"] == 10


def test_facility_gets_the_people_who_can_reach_it(run: Runner, session: WriteSession, town: Town) -> None:
    east = make_facility(session, lon=5 * DEG_100M, lat=0, name="东")
    found = {one.facility_id: one for one in queries.list_facilities(session, run(standard()))}
    west = found[town.centre.id]
    assert (west.nearest_for, west.within_reach) == (0, 10)
    assert (found[east.id].nearest_for, found[east.id].within_reach) == (30, 30)


@pytest.mark.usefixtures("town")
def test_performing_a_finished_run_again_changes_nothing(run: Runner, session: WriteSession) -> None:
    done = run(standard())
    session.execute(update(Facility).values(status="closed"))
    service.perform_run(run.database, done, data_path=run.data_path)
    session.expire_all()
    totals = queries.get_run(session, done).totals
    assert totals is not None
    assert totals["covered"] == 10


def test_run_cannot_be_done_without_totals(session: WriteSession) -> None:
    run = service.record_run(session, standard=standard(), question=Question(), actor="planner")
    done = update(CoverageRun).where(CoverageRun.id == run.id).values(state="done", totals=None)
    with pytest.raises(DBAPIError, match="done_has_totals"), session.begin_nested():
        session.execute(done)


@pytest.mark.usefixtures("town")
def test_run_that_was_broken_off_starts_afresh(run: Runner, session: WriteSession) -> None:
    broken = service.record_run(session, standard=standard(), question=Question(), actor="planner")
    broken.state = "running"
    session.flush()
    service.perform_run(run.database, broken.id, data_path=run.data_path)
    assert len(queries.list_points(session, broken.id, Page()).rows) == 4


@pytest.mark.usefixtures("town")
def test_interrupted_run_says_so(run: Runner, session: WriteSession) -> None:
    def interrupt(step: str, done: int, total: int | None = None) -> None:
        del done, total
        if step == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.run_now(
            run.database,
            standard=standard(),
            question=Question(),
            actor=operator("planner"),
            data_path=run.data_path,
            progress=interrupt,
        )
    session.expire_all()
    left = session.scalars(select(CoverageRun)).one()
    assert left.state == "failed"
    assert left.error is not None
    assert left.error["code"] == "run-broken-off"


@pytest.mark.usefixtures("town")
def test_run_whose_process_was_killed_is_found_out_by_the_next(run: Runner, session: WriteSession) -> None:
    forsaken = service.record_run(session, standard=standard(), question=Question(), actor="planner")
    ordered = service.order_run(session, standard=standard(), question=Question(), actor=operator("planner"))
    run(standard())
    session.expire_all()
    assert queries.get_run(session, forsaken.id).state == "failed"
    assert queries.get_run(session, ordered.id).state == "queued"


def test_code_of_two_vintages_is_one_zone(run: Runner, session: WriteSession, town: Town) -> None:
    older = make_division(session, "330702000000", level=DivisionLevel.COUNTY, vintage=2020, name="旧县名")
    abolished = make_division(session, "330702003000", level=DivisionLevel.TOWNSHIP, vintage=2020, parent=older)
    make_demand_point(session, town.people, lon=0, lat=0, counts={"all": 7}, division=abolished)
    zones = {zone.code: zone for zone in queries.list_zones(session, run(standard()))}
    assert zones["330702003000"].demand == 7
    assert zones["330702000000"].demand == 157
    assert zones["330702000000"].name == town.county.name


@pytest.mark.usefixtures("town")
def test_example_facility_makes_the_result_an_example(run: Runner, session: WriteSession) -> None:
    assert run.totals(standard())["synthetic"] is False
    session.execute(update(Facility).values(position_quality="synthetic"))
    assert run.totals(standard())["synthetic"] is True


@pytest.mark.usefixtures("town")
def test_a_run_records_how_well_points_and_facilities_are_placed(run: Runner, session: WriteSession) -> None:
    make_facility(session, lon=0, lat=0, position_quality="approximate")
    whole, part = run.totals(standard())["positions"], run.totals(standard(demand="60+"), zone="330702001")["positions"]
    assert whole == {"population": {"source": 4}, "facilities": {"approximate": 1, "source": 1}}
    assert part == {"population": {"source": 2}, "facilities": {"approximate": 1, "source": 1}}


@pytest.mark.usefixtures("town")
def test_ordered_run_and_its_job_come_together(database: Database, session: WriteSession) -> None:
    ordered = service.order_run(session, standard=standard(), question=Question(), actor=operator("planner"))
    assert ordered.job_id is not None
    jobs = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE id = :id"), {"id": ordered.job_id})
    assert jobs == 1
    with database.write(actor="planner") as other:
        undone = service.order_run(other, standard=standard(), question=Question(), actor=operator("planner"))
        other.rollback()
    assert session.get(CoverageRun, undone.id) is None
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE id = :id"), {"id": undone.job_id}) == 0


@pytest.mark.usefixtures("town")
def test_same_question_is_answered_from_the_same_inputs(run: Runner, session: WriteSession) -> None:
    first, second = (queries.get_run(session, run(standard())).inputs for _ in range(2))
    assert first == second
    session.execute(update(Facility).values(geom=func.ST_SetSRID(func.ST_MakePoint(DEG_100M, 0), 4490)))
    third = queries.get_run(session, run(standard())).inputs
    assert third is not None
    assert first is not None
    assert third["facilities"] != first["facilities"]
    assert third["roads"] == first["roads"]


@pytest.mark.usefixtures("town")
def test_what_the_network_does_not_reach_is_named(run: Runner, session: WriteSession) -> None:
    make_facility(session, lon=0, lat=20 * DEG_100M, name="山上")
    answer = exports.as_json(exports.result_of(session, run(standard())))
    not_reached = answer["not_reached"]
    assert isinstance(not_reached, dict)
    assert [point["demand"] for point in not_reached["unreachable"]] == [40]
    assert [point["demand"] for point in not_reached["unsnapped"]] == [80]
    lost = answer["facilities_not_on_the_network"]
    assert isinstance(lost, list)
    assert [facility["name"] for facility in lost] == ["山上"]


@pytest.mark.usefixtures("town")
def test_geojson_holds_zones_facilities_and_points(run: Runner, session: WriteSession, tmp_path: Path) -> None:
    path = tmp_path / "result.geojson"
    exports.write(session, run(standard()), path)
    written = json.loads(path.read_text(encoding="utf-8"))
    by_feature: dict[str, list[dict[str, dict[str, object]]]] = {}
    for feature in written["features"]:
        by_feature.setdefault(feature["properties"]["feature"], []).append(feature)
    assert {name: len(features) for name, features in by_feature.items()} == {
        "zone": 3,
        "facility": 1,
        "demand-point": 4,
    }
    assert written["coverage"]["totals"]["covered"] == 10
    assert [point["properties"]["minutes"] for point in by_feature["demand-point"]] == [5.0, 6.67, None, None]


@pytest.mark.usefixtures("town")
def test_csv_has_a_row_a_point(run: Runner, session: WriteSession, tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    exports.write(session, run(standard()), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["covered", "beyond", "unreachable", "unsnapped"]
    assert rows[2]["cost"] == ""


@pytest.mark.usefixtures("town")
def test_workbook_keeps_a_name_that_looks_like_a_formula_as_text(
    run: Runner, session: WriteSession, tmp_path: Path
) -> None:
    session.execute(update(Facility).values(name="=1+1"))
    path = tmp_path / "result.xlsx"
    exports.write(session, run(standard()), path)
    book = openpyxl.load_workbook(path)
    name = book["设施 facilities"]["B2"]
    assert (name.value, name.data_type) == ("=1+1", "s")
    assert [row[0].value for row in book["区划 zones"].iter_rows(min_row=2)] == [
        "330702000000",
        "330702001000",
        "330702002000",
    ]
    assert book["未达 not reached"].max_row == 3


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(("most", "parts"), [(2, [2, 2, 2, 2]), (3, [3, 3]), (4, [4, 2]), (5, [5])])
def test_rows_that_a_sheet_cannot_hold_go_on_in_the_next(
    run: Runner, session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, most: int, parts: list[int]
) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", most)
    path = tmp_path / "result.xlsx"
    exports.write(session, run(standard()), path)
    book = openpyxl.load_workbook(path)
    names = [name for name in book.sheetnames if name.startswith("人口点 points")]
    assert names == ["人口点 points", "人口点 points 2", "人口点 points 3", "人口点 points 4"][: len(parts)]
    assert [book[name].max_row for name in names] == parts
    assert {book[name]["A1"].value for name in names} == {"编号 source_id"}
    states = [row[5] for name in names for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert [state.split()[0] for state in states] == ["覆盖", "超出", "不可达", "未入网"]


@pytest.mark.usefixtures("town")
def test_workbook_says_when_the_run_ended_to_the_second_in_the_registrys_zone(
    run: Runner, session: WriteSession, tmp_path: Path
) -> None:
    path = tmp_path / "result.xlsx"
    exports.write(session, run(standard()), path)
    summary = dict(openpyxl.load_workbook(path)["说明 summary"].iter_rows(values_only=True))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", summary["完成时间 finished"])


@pytest.mark.usefixtures("town")
def test_map_is_whole_in_one_file_and_escapes_names(run: Runner, session: WriteSession, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    exports.write(session, run(standard()), path)
    page = path.read_text(encoding="utf-8")
    assert "<script src" not in page
    assert "<link" not in page
    assert "<b>=1+1&" not in page
    assert "小镇" in page


@pytest.mark.usefixtures("town")
def test_example_data_says_so_on_the_map(run: Runner, session: WriteSession, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    mark = '<p class="synthetic">'
    exports.write(session, run(standard()), path)
    assert mark not in path.read_text(encoding="utf-8")
    session.execute(text("UPDATE road_segment SET position_quality = 'synthetic'"))
    exports.write(session, run(standard()), path)
    assert mark in path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("town")
def test_map_of_too_many_points_draws_those_together_that_lie_together(
    run: Runner, session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(standard())
    cells = queries.point_cells(session, done, most=1)
    assert sum(cell.points for cell in cells) == 4
    assert sum(cell.demand for cell in cells) == 150
    assert {cell.state for cell in cells} == {"covered", "beyond", "unreachable", "unsnapped"}
    monkeypatch.setattr(exports, "POINTS_DRAWN", 2)
    exports.write(session, done, tmp_path / "map.html")
    assert "合并显示" in (tmp_path / "map.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("town")
def test_unknown_format_is_refused_before_anything_is_written(
    run: Runner, session: WriteSession, tmp_path: Path
) -> None:
    done = run(standard())
    with pytest.raises(OutputUnknown):
        exports.write(session, done, tmp_path / "result.docx")
    assert list(tmp_path.glob("*.docx")) == []


@pytest.mark.usefixtures("town")
def test_run_without_result_has_no_file(session: WriteSession, tmp_path: Path) -> None:
    waiting = service.record_run(session, standard=standard(), question=Question(), actor="planner")
    with pytest.raises(RunNotDone):
        exports.write(session, waiting.id, tmp_path / "result.csv")
    with pytest.raises(RunUnknown):
        exports.write(session, UUID(int=0), tmp_path / "result.csv")


@pytest.mark.usefixtures("town")
def test_points_are_paged_by_keyset(run: Runner, session: WriteSession) -> None:
    done = run(standard())
    first = queries.list_points(session, done, Page(limit=3))
    assert first.next_after == first.rows[-1].point_fid
    rest = queries.list_points(session, done, Page(after=first.next_after or 0, limit=3))
    assert [len(first.rows), len(rest.rows)] == [3, 1]
    assert rest.next_after is None


def test_a_run_that_came_to_its_end_cannot_be_cancelled(
    database: Database, session: WriteSession, town: Town, run: Runner
) -> None:
    del town
    session.commit()
    done = run(standard())
    with pytest.raises(GroupUnknown):
        run(standard(demand="nobody"))
    states = {one.id: one.state for one in session.scalars(select(CoverageRun))}
    assert sorted(states.values()) == ["done", "failed"]
    for run_id, state in states.items():
        with database.write(actor="somebody") as other, pytest.raises(RunFinished) as refused:
            service.cancel_run(other, run_id, actor=operator("planner"))
        assert refused.value.details == {"run": run_id, "state": state}
    assert exports.result_of(session, done).totals["demand"] == 150
