"""Built-up areas from files: polygons or lists of divisions, by period; the same file again changes nothing."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping
from sqlalchemy import select

from geo_registry import clock
from geo_registry.accounts.actors import local_operator
from geo_registry.built_up import service
from geo_registry.built_up.inputs import AreaChange
from geo_registry.built_up.queries import AreaQuery, AreaRow
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database
from geo_registry.errors import MappingIncomplete, ReasonReserved
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.service import import_file
from geo_registry.jobs import queue
from geo_registry.model import BuiltUpArea
from geo_registry.vocabulary import DatasetKind
from tests.factories import EAST, NEXT_TOWN, TOWN, WEST, make_two_towns

OPERATOR = local_operator()


@pytest.fixture
def registry(database: Database) -> Database:
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


def run(database: Database, path: Path, **over: Any) -> ImportReport:
    command = ImportCommand(kind=DatasetKind.BUILT_UP_AREAS, path=path, **{"dataset": "areas", **over})
    return import_file(database, command, actor=OPERATOR)


def table(path: Path, *rows: str, header: str = "编号,建成区名称,组成区划,所属区划,起始,依据") -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def layer(path: Path, *areas: tuple[tuple[float, float, float, float], dict[str, Any]]) -> Path:
    features = [
        {"type": "Feature", "geometry": mapping(box(*bounds)), "properties": properties} for bounds, properties in areas
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def listed(database: Database) -> list[AreaRow]:
    with database.read() as session:
        return list(service.list_areas(session, AreaQuery(), Page()).rows)


def told(database: Database) -> service.AreaTold:
    with database.read() as session:
        return service.tell_area(session, session.scalars(select(BuiltUpArea.id)).one())


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.refused


def test_a_table_lists_the_divisions_that_areas_are_made_of(registry: Database, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", f"1,城区,{TOWN[:9]}、{NEXT_TOWN},330702,2015,总规（2015）", "2,无,330799001,,,")
    report = run(registry, path)
    assert counts(report) == (1, 0, 0, 1)
    [refused] = report.problems
    assert (refused.row, "330799001000 未登记" in refused.message("zh")) == (2, True)
    assert "not registered" in refused.message("en")
    [area] = listed(registry)
    assert [each.code for each in area.reach.divisions] == [TOWN, NEXT_TOWN]
    assert (area.name, area.division_code, str(area.reach.valid_from)) == ("城区", "330702000000", "2015")
    assert (area.reach.source, area.dataset) == ("总规（2015）", "areas")
    assert counts(run(registry, path)) == (0, 0, 1, 1)
    assert told(registry).area.revision == 1


def test_a_layer_of_polygons_is_taken_and_what_lies_over_others_is_told(registry: Database, tmp_path: Path) -> None:
    wide = (WEST[0], WEST[1], EAST[2], EAST[3])
    path = layer(tmp_path / "a.geojson", (WEST, {"编号": "w", "name": "西区"}), (wide, {"编号": "a", "name": "全城"}))
    report = run(registry, path)
    assert counts(report) == (2, 0, 0, 0)
    assert {each.code.value for each in report.problems} == {"built-up-area-concern"}
    assert any("与建成区“全城”重叠" in each.message("zh") for each in report.problems)
    assert [area.division_code for area in listed(registry)] == ["330702000000"] * 2
    assert counts(run(registry, path)) == (0, 0, 2, 0)
    with registry.read() as session:
        assert len(queue.list_jobs(session, Page()).rows) == 1


def test_a_later_period_has_the_area_grow(registry: Database, tmp_path: Path) -> None:
    run(registry, table(tmp_path / "a.csv", f"1,城区,{TOWN},330702,2005,旧"))
    report = run(registry, table(tmp_path / "b.csv", f'1,城区,"{TOWN},{NEXT_TOWN}",330702,2015-06,新'))
    assert counts(report) == (0, 1, 0, 0)
    grown = told(registry)
    assert len(grown.area.reach.divisions) == 2
    assert [(str(each.valid_from), str(each.valid_to), each.source) for each in grown.earlier] == [
        ("2005", "2015-06", "旧")
    ]
    # Both periods of one file, and again.
    both = table(tmp_path / "c.csv", f"1,城区,{TOWN},330702,2005,旧", f'1,城区,"{TOWN},{NEXT_TOWN}",330702,2015-06,新')
    assert counts(run(registry, both)) == (0, 0, 2, 0)
    assert counts(run(registry, both, dataset="other")) == (2, 0, 0, 0)


def test_what_a_person_changed_stays(registry: Database, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", f"1,城区,{TOWN},330702,2005,旧")
    run(registry, path)
    area = told(registry).area.id
    reserved = AreaChange(name="老城", why="import built-up-areas: a.csv")
    with registry.write(actor=OPERATOR) as session, pytest.raises(ReasonReserved):
        service.change_area(session, area, reserved, seen=WHICHEVER, actor=OPERATOR)
    with registry.write(actor=OPERATOR) as session:
        service.change_area(session, area, AreaChange(name="老城", why="更正"), seen=WHICHEVER, actor=OPERATOR)
    report = run(registry, path)
    assert (counts(report), [each.code.value for each in report.problems]) == ((0, 0, 1, 0), ["kept-as-changed"])
    assert told(registry).area.name == "老城"


def test_a_dry_run_and_a_file_of_nothing_but_mistakes_leave_nothing(registry: Database, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    good = table(tmp_path / "a.csv", f"1,城区,{TOWN},330702,2005,旧", "2,,,330702,,", "3,甲,,,,", "4,乙,x,,,")
    assert counts(run(registry, good, dry_run=True, report=report)) == (1, 0, 0, 3)
    assert listed(registry) == []
    with report.open(encoding="utf-8-sig", newline="") as file:
        told_rows = {(row["report_row"], row["report_code"]) for row in csv.DictReader(file)}
    assert {("2", "required"), ("3", "extent-missing"), ("4", "not-a-division-code")} <= told_rows
    assert not run(registry, table(tmp_path / "b.csv", "1,甲,330799001,,2005,旧")).taken
    assert listed(registry) == []
    with registry.read() as session:
        assert not queue.list_jobs(session, Page()).rows


def test_an_area_says_how_far_it_reaches_once(registry: Database, tmp_path: Path) -> None:
    path = layer(tmp_path / "a.geojson", (WEST, {"编号": "w", "name": "西区", "divisions": TOWN}))
    assert {each.code.value for each in run(registry, path).problems} == {"extent-twice"}
    with pytest.raises(MappingIncomplete):
        run(registry, table(tmp_path / "a.csv", "1,城区", header="编号,建成区名称"))


def test_periods_that_lie_in_the_future_or_backwards_are_refused(registry: Database, tmp_path: Path) -> None:
    header = "编号,建成区名称,组成区划,起始,终止"
    rows = (f"1,甲,{TOWN},{clock.now().year + 1},", f"2,乙,{TOWN},2015,2005")
    report = run(registry, table(tmp_path / "a.csv", *rows, header=header))
    assert [(each.row, each.code.value) for each in report.problems] == [
        (1, "rule-broken"),
        (2, "ends-before-it-begins"),
    ]
