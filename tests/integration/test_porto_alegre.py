"""A real city from its files: the share is the published one, and equals an independent computation to the person."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from shapely import from_wkb
from sqlalchemy import func, select

from geo_registry.coverage import queries, service
from geo_registry.coverage.inputs import Question, read_standard
from geo_registry.db.session import Database
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.service import import_file
from geo_registry.model import CoveragePoint, CoverageRun, DemandPoint, Facility, RoadBarrier, RoadSegment
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind
from tests.factories import operator
from tests.integration.independent import nearest_costs_dm, place_of

EXAMPLE = CHECKOUT / "docs" / "examples" / "porto-alegre"
PEOPLE = 812_935
"""The sum of the hexagons' population, as the file's authors publish it."""


@dataclass(frozen=True)
class City:
    """The registry with Porto Alegre in it, and a performed run."""

    database: Database
    run: CoverageRun


@pytest.fixture
def city(database: Database, shared_data: Path, tmp_path: Path) -> City:
    folder = shared_data / "porto_alegre"
    for kind, name, mapping in (
        (DatasetKind.ROADS, "poa_osm.pbf", None),
        (DatasetKind.POPULATION, "poa_hexgrid.csv", EXAMPLE / "population.toml"),
        (DatasetKind.FACILITIES, "poa_hexgrid.csv", EXAMPLE / "facilities.toml"),
    ):
        report = import_file(
            database, ImportCommand(kind=kind, path=folder / name, mapping=mapping), actor=operator("planner")
        )
        assert report.created > 0
        assert report.refused == 0
    with database.write(actor="planner") as session:
        run = service.record_run(
            session, standard=read_standard(EXAMPLE / "poa-15min.toml"), question=Question(), actor="planner"
        )
    service.perform_run(database, run.id, data_path=tmp_path)
    with database.read() as session:
        return City(database, queries.get_run(session, run.id))


def test_share_is_the_published_one_and_equals_scipys_to_the_last_person(city: City) -> None:
    totals = city.run.totals
    assert totals is not None
    assert totals["demand"] == PEOPLE
    assert isinstance(totals["share"], float)
    assert 0.70 <= totals["share"] <= 0.80

    assert city.run.inputs is not None
    roads = city.run.inputs["roads"]
    assert isinstance(roads, dict)
    assert "OpenStreetMap" in roads["licence"]

    with city.database.read() as session:
        lines = [
            [(float(lon), float(lat)) for lon, lat in from_wkb(bytes(line)).coords]
            for line in session.scalars(
                select(func.ST_AsBinary(RoadSegment.geom)).where(RoadSegment.foot).order_by(RoadSegment.fid)
            )
        ]
        blocked = {
            place_of((row.lon, row.lat))
            for row in session.execute(
                select(func.ST_X(RoadBarrier.geom).label("lon"), func.ST_Y(RoadBarrier.geom).label("lat")).where(
                    RoadBarrier.foot_blocked
                )
            )
        }
        people = session.execute(
            select(
                func.ST_X(DemandPoint.geom).label("lon"),
                func.ST_Y(DemandPoint.geom).label("lat"),
                DemandPoint.counts["all"].as_float().label("people"),
            ).order_by(DemandPoint.fid)
        ).all()
        facilities = session.execute(
            select(func.ST_X(Facility.geom).label("lon"), func.ST_Y(Facility.geom).label("lat")).order_by(Facility.fid)
        ).all()
        points = session.scalars(
            select(CoveragePoint).where(CoveragePoint.run_id == city.run.id).order_by(CoveragePoint.point_fid)
        ).all()

    costs = nearest_costs_dm(
        lines,
        blocked,
        [(row.lon, row.lat) for row in people],
        [(row.lon, row.lat) for row in facilities],
        snap_limit_m=500,
    )
    expected = [None if cost is None or np.isinf(cost) else int(cost) for cost in costs]
    assert [point.cost for point in points] == expected
    covered = sum(row.people for row, cost in zip(people, costs, strict=True) if cost is not None and cost <= 9_000)
    assert totals["covered"] == covered
    unsnapped = sum(row.people for row, cost in zip(people, costs, strict=True) if cost is None)
    assert totals["unsnapped"] == unsnapped
