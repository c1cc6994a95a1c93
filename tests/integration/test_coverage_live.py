"""A scenario's answer is that of a run over the edited registry, to the person, in every zone."""

from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from geo_registry.accounts.actors import local_operator
from geo_registry.coverage import live, queries
from geo_registry.coverage.inputs import Add, Close, Edit, Move, Question, Standard
from geo_registry.coverage.live import SCENES_KEPT, Scenes
from geo_registry.coverage.reach import STATES
from geo_registry.coverage.service import run_now
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.model import CoverageRun, Facility
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityStatus
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road

SIDE = 12
STEP = 0.003
STANDARD = Standard.model_validate(
    {
        "key": "town",
        "name": {"zh": "小镇", "en": "town"},
        "family": "reach",
        "demand": "all",
        "basis": "resident",
        "kinds": ["home-care-centre"],
        "speed_kmh": 3.6,
        "minutes": 10,
        "source": "the test",
    }
)


@pytest.fixture
def town(session: WriteSession) -> list[Facility]:
    """A lattice of streets, 300 people points in four townships, nine facilities."""
    rng = np.random.default_rng(5)
    roads = make_dataset(session, DatasetKind.ROADS)
    for at in range(SIDE):
        make_road(session, roads, [(step * STEP, at * STEP) for step in range(SIDE)])
        make_road(session, roads, [(at * STEP, step * STEP) for step in range(SIDE) if (at + step) % 5])
    county = make_division(session, "330702000000", level=DivisionLevel.COUNTY)
    townships = [
        make_division(session, f"33070200{number}000", level=DivisionLevel.TOWNSHIP, parent=county)
        for number in range(1, 5)
    ]
    people = make_dataset(session, DatasetKind.POPULATION)
    for lon, lat in rng.uniform(0, (SIDE - 1) * STEP, (300, 2)):
        quarter = int(lon > SIDE / 2 * STEP) + 2 * int(lat > SIDE / 2 * STEP)
        make_demand_point(
            session, people, lon=lon, lat=lat, counts={"all": int(rng.integers(1, 90))}, division=townships[quarter]
        )
    made = [make_facility(session, lon=lon, lat=lat) for lon, lat in rng.uniform(0, (SIDE - 1) * STEP, (9, 2))]
    session.commit()
    return made


def evaluated(
    database: Database, tmp_path: Path
) -> tuple[float, dict[str, float], dict[int, tuple[str, float | None]]]:
    """Covered people, by zone too, and the state and minutes of every point, of a run over what there is now."""
    run = run_now(database, standard=STANDARD, question=Question(), actor=local_operator(), data_path=tmp_path)
    with database.read() as session:
        totals = queries.get_run(session, run).totals
        assert totals is not None
        zones = {zone.code: zone.covered for zone in queries.list_zones(session, run)}
        points = {
            point.point_fid: (point.state, None if point.minutes is None else round(point.minutes, 6))
            for state in STATES
            for point in queries.points_in_state(session, run, state, most=1_000)
        }
    return float(str(totals["covered"])), zones, points


def test_an_outlook_is_what_a_run_over_the_edited_registry_says(
    database: Database, session: WriteSession, town: list[Facility], tmp_path: Path
) -> None:
    before, zones, points = evaluated(database, tmp_path)
    with database.read() as reader:
        (run,) = queries.list_runs(reader, Page(limit=1)).rows
        scene = live.make_scene(reader, run, tmp_path)
    edits: list[Edit] = [
        Add(do="add", lon=0.0301, lat=0.0292),
        Move(do="move", facility=town[2].fid, lon=0.0044, lat=0.0188),
        Close(do="close", facility=town[5].fid),
        Close(do="close", facility=town[7].fid),
    ]
    found = scene.outlook(edits)
    assert found.gained > 0 < found.lost
    for each in (town[2], town[5], town[7]):
        each.status, each.closed_on = FacilityStatus.CLOSED.value, date(2020, 1, 1)
    make_facility(session, lon=0.0301, lat=0.0292)
    make_facility(session, lon=0.0044, lat=0.0188)
    session.commit()
    after, zones_after, points_after = evaluated(database, tmp_path)
    assert found.covered == after == before + found.gained - found.lost
    changed = {zone.code: zone.covered for zone in found.zones}
    assert {**zones, **changed} == zones_after
    told = {
        fid: (STATES[state].value, None if np.isnan(minutes) else round(minutes, 6))
        for fid, state, minutes in zip(found.point.tolist(), found.state.tolist(), found.minutes.tolist(), strict=True)
    }
    assert {**points, **told} == points_after


@pytest.mark.usefixtures("town")
def test_a_scene_is_made_once_and_the_oldest_makes_room(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[UUID] = []
    original = live.make_scene

    def noted(session: ReadSession, run: CoverageRun, data_path: Path) -> live.Scene:
        made.append(run.id)
        return original(session, run, data_path)

    monkeypatch.setattr(live, "make_scene", noted)
    scenes = Scenes()
    runs = [
        run_now(database, standard=STANDARD, question=Question(), actor=local_operator(), data_path=tmp_path)
        for _ in range(SCENES_KEPT + 1)
    ]
    with database.read() as session:
        for run in (runs[0], runs[0], *runs[1:], runs[-1]):
            scenes.scene(session, run, tmp_path)
        assert made == runs
        scenes.scene(session, runs[0], tmp_path)
        assert made == [*runs, runs[0]]
