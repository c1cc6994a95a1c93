"""The registry as data frames: what is registered, and what a run found, as an analyst reads it."""

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from shapely.geometry import Point

from geo_registry.coverage import service
from geo_registry.coverage.inputs import Question, standard_from
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.errors import DivisionCodeInvalid, FilterProperty, RunNotDone, RunUnknown
from geo_registry.exchange import frames
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityKind
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road, operator

DEG_100M = 0.0008983152841195214
"""A hundred metres along the equator of CGCS2000, in degrees."""

STANDARD = standard_from(
    {
        "key": "street",
        "name": {"zh": "街", "en": "street"},
        "family": "reach",
        "demand": "all",
        "basis": "resident",
        "kinds": ["home-care-centre"],
        "speed_kmh": 3.6,
        "minutes": 5,
        "snap_limit_m": 100,
        "source": "the test",
    },
    origin="test",
)
"""Five minutes at 3.6 km/h are 300 m."""


def test_divisions_have_their_areas_in_degrees(session: WriteSession) -> None:
    county = make_division(session, "330702000000", box=(119.5, 29.0, 119.75, 29.25), name="婺城区")
    make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, parent=county, name="城东街道")
    frame = frames.divisions(session)
    assert list(frame["name"]) == ["婺城区", "城东街道"]
    assert list(frame["parent_code"].fillna("")) == ["", "330702000000"]
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry.iloc[0].bounds == (119.5, 29.0, 119.75, 29.25)
    assert frame.geometry.iloc[1] is None
    townships = frames.divisions(session, DivisionQuery(level=DivisionLevel.TOWNSHIP))
    assert list(townships["code"]) == ["330702001000"]
    with pytest.raises(DivisionCodeInvalid):
        frames.divisions(session, DivisionQuery(within="x"))


def test_facilities_have_a_column_for_each_field_that_is_filled(session: WriteSession) -> None:
    make_facility(
        session,
        FacilityKind.CARE_INSTITUTION,
        name="a",
        detail={"beds": 120, "nursing_beds": 60},
        capacity=120,
        opened_on=date(2015, 5, 1),
        lon=119.6,
        lat=29.1,
    )
    make_facility(session, FacilityKind.MEAL_POINT, name="b", detail={"meal_modes": ["社区食堂"], "delivers": True})
    frame = frames.facilities(session)
    assert list(frame.columns[-5:]) == ["beds", "nursing_beds", "meal_modes", "delivers", "geometry"]
    assert frame["beds"].to_list()[0] == 120
    assert frame["beds"].isna().to_list() == [False, True]
    assert frame.dtypes[["beds", "capacity", "delivers", "opened_on"]].astype(str).to_list() == [
        "Int64",
        "Int64",
        "boolean",
        "datetime64[s]",
    ]
    assert frame["meal_modes"].to_list()[1] == ["社区食堂"]
    assert frame["opened_on"].dt.date.to_list()[0] == date(2015, 5, 1)
    assert frame.geometry.iloc[0] == Point(119.6, 29.1)


def test_facilities_are_those_that_are_asked_for(session: WriteSession) -> None:
    make_facility(session, FacilityKind.CEMETERY, name="a")
    make_facility(session, FacilityKind.MEAL_POINT, name="b", detail={"meal_modes": ["社区食堂"]})
    asked = FacilityQuery(where="A_OVERLAPS(meal_modes, ('社区食堂'))")
    assert list(frames.facilities(session, asked)["name"]) == ["b"]
    with pytest.raises(FilterProperty):
        frames.facilities(session, FacilityQuery(where="bets > 1"))


def test_an_empty_registry_gives_empty_frames(session: WriteSession) -> None:
    for frame in (frames.divisions(session), frames.facilities(session)):
        assert len(frame) == 0
        assert frame.crs.to_epsg() == 4490
        assert "name" in frame.columns


def test_every_page_is_read(session: WriteSession, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_facility(session, name=f"{number}")
    monkeypatch.setattr(frames, "MAX_LIMIT", Page(limit=2).limit)
    assert list(frames.facilities(session)["name"]) == ["0", "1", "2", "3", "4"]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> UUID:
    """A street with a home-care centre at its west end: 10 people at 200 m, 20 at 400 m, 40 far from any road."""
    with database.write(actor="test") as session:
        roads = make_dataset(session, DatasetKind.ROADS)
        make_road(session, roads, [(0, 0), (5 * DEG_100M, 0)])
        county = make_division(session, "330702000000", box=(-0.01, -0.01, 0.01, 0.01))
        township = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, parent=county)
        people = make_dataset(session, DatasetKind.POPULATION)
        for at, count, lat in ((2, 10, 0.0), (4, 20, 0.0), (0, 40, 1.0)):
            make_demand_point(session, people, lon=at * DEG_100M, lat=lat, counts={"all": count}, division=township)
        make_facility(session, name="中心", lon=0, lat=0)
    return service.run_now(database, standard=STANDARD, question=Question(), actor=operator(), data_path=tmp_path)


def test_a_runs_zones_have_their_people_and_areas(session: WriteSession, run: UUID) -> None:
    frame = frames.run_zones(session, run)
    assert list(frame["code"]) == ["330702000000", "330702001000"]
    assert frame[["demand", "covered", "gap", "unsnapped"]].iloc[0].to_list() == [70, 10, 60, 40]
    assert frame["share"].to_list() == pytest.approx([1 / 7, 1 / 7])
    assert frame.geometry.iloc[0].bounds == (-0.01, -0.01, 0.01, 0.01)
    assert frame.geometry.iloc[1] is None
    assert list(frames.run_zones(session, run, level=DivisionLevel.TOWNSHIP)["level"]) == ["township"]


def test_a_runs_points_have_their_minutes_and_their_facility(session: WriteSession, run: UUID) -> None:
    frame = frames.run_points(session, run)
    centre = frames.run_facilities(session, run)["fid"].iloc[0]
    assert list(frame["state"]) == ["covered", "beyond", "unsnapped"]
    assert frame["minutes"].to_list()[:2] == pytest.approx([200 / 60, 400 / 60], abs=0.01)
    assert frame["cost"].to_list()[:2] == [2_000, 4_000]
    assert frame["facility_fid"].to_list()[:2] == [centre, centre]
    assert frame[["minutes", "cost", "facility_fid"]].isna().all(axis=1).to_list() == [False, False, True]
    assert frame.geometry.iloc[0].x == pytest.approx(2 * DEG_100M)


def test_a_runs_facilities_have_whom_they_reach(session: WriteSession, run: UUID) -> None:
    frame = frames.run_facilities(session, run)
    assert frame[["name", "snapped", "nearest_for", "within_reach"]].iloc[0].to_list() == ["中心", True, 30, 10]
    assert frame.geometry.iloc[0] == Point(0, 0)
    assert frame.crs.to_epsg() == 4490


@pytest.mark.parametrize("read", [frames.run_zones, frames.run_points, frames.run_facilities])
def test_a_run_without_a_result_is_refused(session: WriteSession, read: object) -> None:
    assert callable(read)
    with pytest.raises(RunUnknown):
        read(session, uuid4())
    waiting = service.record_run(session, standard=STANDARD, question=Question(), actor="test")
    with pytest.raises(RunNotDone):
        read(session, waiting.id)
