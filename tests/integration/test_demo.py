"""The demonstration in the database: loaded as anybody's data are, once, into an empty registry; and taken out again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box
from sqlalchemy import exists, func, select, text

from geo_registry.accounts.queries import accounts_exist
from geo_registry.cases.announcing import from_content
from geo_registry.cases.queries import announcements_matching
from geo_registry.cli.demo import tell_loaded
from geo_registry.cli.serving import _announce, _load_demo
from geo_registry.db.history import twin_of
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.demo import queries, service
from geo_registry.demo.datasets import KEY
from geo_registry.demo.sign_ins import PASSWORD, SIGN_INS
from geo_registry.divisions.service import lineage_of, present_of
from geo_registry.errors import OwnerNeeded, RegistryNotEmpty
from geo_registry.model import (
    BuiltUpArea,
    CoverageRun,
    Dataset,
    DemandPoint,
    Division,
    DivisionSuccession,
    Facility,
    FacilityContact,
    FindingClearance,
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
    ImportRun,
    NameFinding,
    NameReview,
    Place,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
    RoadSegment,
)
from geo_registry.search import keeping
from geo_registry.search.inputs import Question
from geo_registry.search.service import search
from geo_registry.settings import Settings
from geo_registry.vocabulary import Certainty, FacilityKind, Fate, Named
from tests.conftest import DemoTemplate, TestUrls, fresh_database
from tests.factories import make_dataset, make_division, make_facility, make_place, operator

NAMED_BY_CASES = 4
"""Places that approved cases of the demonstration made."""
BUSINESS = (Division, Facility, DemandPoint, RoadSegment, Place, PlaceExtent)
OF_PLACES = (PlaceName, PlaceExtent, PlaceRelation, FindingClearance)
"""What is told of places beside their own rows."""


@dataclass(frozen=True)
class Registry:
    """A registry of this module's own, with the demonstration; as its two roles."""

    app: Database
    owner: Database
    loaded: Mapping[str, int]


@pytest.fixture(scope="module")
def registry(cluster_urls: TestUrls, demo_template: DemoTemplate, own_number: int) -> Iterator[Registry]:
    with fresh_database(cluster_urls, f"demo_{own_number}", template=demo_template.name) as urls:
        app, owner = Database.connect(urls.app), Database.connect(urls.owner)
        yield Registry(app, owner, demo_template.rows)
        app.dispose()
        owner.dispose()


def wanted(database: Database) -> bool:
    with database.read() as session:
        return queries.wanted(session)


def rows(
    database: Database,
    model: type[Division | Facility | DemandPoint | RoadSegment | Dataset | ImportRun | DivisionSuccession | Place],
) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_everything_is_there(registry: Registry) -> None:
    # The lists of 2023, of 2021 and of 2018.
    assert registry.loaded["divisions"] == rows(registry.app, Division) == 3_456 + 3_438 + 4_981
    assert registry.loaded["successions"] == rows(registry.app, DivisionSuccession) == 2_947 + 3_436 + 4
    assert registry.loaded["roads"] == rows(registry.app, RoadSegment) >= 60_000
    assert registry.loaded["facilities"] == rows(registry.app, Facility) >= 1_500
    assert registry.loaded["places"] == rows(registry.app, Place) - NAMED_BY_CASES == 435
    assert registry.loaded["population"] == rows(registry.app, DemandPoint) >= 15_000


def test_people_are_told_of_every_kind_that_was_loaded(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    tell_loaded(service.Loaded(already=False, rows=registry.loaded, seconds={"all": 1.0}))
    told = capsys.readouterr().out
    assert all(f"{each:,}" in told for each in registry.loaded.values())


def test_it_came_by_imports_that_found_nothing_wrong(registry: Registry) -> None:
    with registry.app.read() as session:
        runs = session.scalars(select(ImportRun)).all()
        assert sorted(run.kind for run in runs) == ["divisions"] * 3 + ["facilities", "population", "roads"]
        # The city's province isn't registered.
        assert {run.kind: run.report["problem_counts"] for run in runs if run.report["problem_counts"]} == {
            "divisions": {"parent-missing": 1}
        }


@pytest.mark.parametrize("model", BUSINESS)
def test_every_position_says_that_it_is_made_up(registry: Registry, model: type[Division]) -> None:
    with registry.app.read() as session:
        assert session.scalars(select(model.position_quality).distinct()).all() == ["synthetic"]


def test_its_sources_are_credited(registry: Registry) -> None:
    with registry.app.read() as session:
        licences = {row.kind: row.licence for row in session.execute(select(Dataset.kind, Dataset.licence))}
    assert all("示例数据 synthetic" in licence for licence in licences.values())
    assert all("GeoNames (CC BY 4.0)" in licence for licence in licences.values())
    assert "2020 census" in licences["population"]


def test_divisions_hang_together_and_facilities_stand_in_them(registry: Registry) -> None:
    with registry.app.read() as session:
        parentless = session.scalars(select(Division.level).where(Division.parent_id.is_(None))).all()
        assert parentless == ["city"] * 3
        assert session.scalar(select(func.count()).where(Facility.division_id.is_(None))) == 0
        assert session.scalar(select(func.count()).where(DemandPoint.division_id.is_(None))) == 0


def test_people_add_up_to_the_census(registry: Registry) -> None:
    with registry.app.read() as session:
        everyone = session.scalar(select(func.sum(DemandPoint.counts["all"].as_integer())))
    assert everyone == 7_050_683


def test_what_became_of_the_villages_is_told_and_the_rest_not_guessed(registry: Registry) -> None:
    with registry.app.read() as session:
        found = present_of(session, "330782104261", vintage=2018)
        assert (found.fate, found.leads[0].certainty) == (Fate.SUPPOSED, Certainty.PROBABLE)
        assert [(step.change.value, step.after.vintage) for step in found.leads[0].chain] == [
            ("merged", 2021),
            ("same", 2023),
        ]
        today = lineage_of(session, "330782104279")
        assert {step.before.name for step in today.came_from if step.before.vintage == 2018} == {
            "沿华村委会",
            "古塘下村委会",
            "西坞村委会",
            "前山村委会",
        }
        evidence = select(DivisionSuccession.evidence).where(DivisionSuccession.certainty == "certain").distinct()
        assert all("(统计用区划代码 20" in each for each in session.scalars(evidence))
        # That it went is all that the lists tell of a village.
        went = select(func.count()).where(
            Division.vintage == 2018,
            ~exists().where(DivisionSuccession.before_id == Division.id),
        )
        assert session.scalar(went) == 2_034 - 4


def test_a_correcting_announcement_corrects_what_it_says_was_wrong(registry: Registry) -> None:
    with registry.app.read() as session:
        by_number = {each.number: each for each in announcements_matching(session, limit=100)}
    said = [
        next(each for each in from_content(by_number[number].content).names if each.name == "星月路")
        for number in ("示例第3号", "示例第4号")
    ]
    assert [each.detail["begins_at"] for each in said] == ["东坏", "东环"]
    assert "东坏" in by_number["示例第4号"].correction


def test_search_finds_a_village_that_went_and_what_it_became(registry: Registry) -> None:
    keeping.make_all(registry.app)
    with registry.app.read() as session:
        hits = search(session, Question.parse("沿华", limit=5))
        (hit,) = [each for each in hits if each.type is Named.DIVISION]
        assert (hit.name, hit.vintage, hit.former) == ("沿华村委会", 2018, True)
        assert [lead.division.name for lead in hit.became] == ["潜溪村村民委员会"]
        # What goes on is found once.
        found = [each for each in search(session, Question.parse("岩口村委会", limit=9)) if each.code == "330782104200"]
        assert [(each.vintage, each.former) for each in found] == [(2023, False)]


def test_loading_it_again_changes_nothing(registry: Registry) -> None:
    versions = select(Dataset.kind, Dataset.content_version).order_by(Dataset.kind)
    with registry.app.read() as session:
        before = session.execute(versions).all()
    assert service.load(registry.app, actor=operator()).already
    assert not wanted(registry.app)
    with registry.app.read() as session:
        assert session.execute(versions).all() == before
    assert rows(registry.app, ImportRun) == 6


def test_one_that_lacks_its_places_gets_them_and_nothing_twice(
    cluster_urls: TestUrls, demo_template: DemoTemplate, own_number: int
) -> None:
    with fresh_database(cluster_urls, f"demo_older_{own_number}", template=demo_template.name) as urls:
        app, owner = Database.connect(urls.app), Database.connect(urls.owner)
        with owner.write(actor="a test") as session:
            places = [each for kind, each in queries.datasets(session).items() if kind == "places"]
            queries.take_out(session, places)
        assert wanted(app)
        loaded = service.load(app, actor=operator())
        assert {kind: written for kind, written in loaded.rows.items() if written} == {"places": 435}
        assert rows(app, Place) == 435 + NAMED_BY_CASES
        assert service.load(app, actor=operator()).already
        app.dispose()
        owner.dispose()


def test_it_isnt_loaded_among_other_data(database: Database) -> None:
    with database.write(actor="a test") as session:
        make_division(session)
    with pytest.raises(RegistryNotEmpty) as refusal:
        service.load(database, actor=operator())
    assert "其他数据" in refusal.value.message("zh")
    assert "GEO_DATA_DIR" in refusal.value.hint("en")
    assert not wanted(database)


def make_area(session: WriteSession) -> None:
    session.add(BuiltUpArea(key="own", name="自建", geom=from_shape(MultiPolygon([box(119, 29, 119.1, 29.1)]), 4490)))


def make_heritage(session: WriteSession) -> None:
    session.add(Heritage(name="别人的名", kind="other", level="city"))


@pytest.mark.parametrize("make", [make_dataset, make_facility, make_place, make_area, make_heritage])
def test_any_other_record_keeps_it_out(database: Database, make: object) -> None:
    assert wanted(database)
    with database.write(actor="a test") as session:
        assert callable(make)
        make(session)
    assert not wanted(database)


def test_starting_with_it_opens_its_accounts_and_says_them(
    registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = registry.app.engine.url.render_as_string(hide_password=False)
    values = {"data_dir": tmp_path, "password_memory_mb": 8, "password_passes": 1}
    assert _load_demo(url, Settings(public_url="https://names.example", **values)) == ()  # type: ignore[arg-type]
    opened = _load_demo(url, Settings(**values))  # type: ignore[arg-type]
    assert opened == list(SIGN_INS)
    _announce("http://127.0.0.1:8000", tmp_path, opened, as_json=True)
    said = json.loads(capsys.readouterr().out)["sign_ins"]
    assert said[0] == {"login": "demo-planner", "password": PASSWORD, "role": "planner"}
    _announce("http://127.0.0.1:8000", tmp_path, opened, as_json=False)
    told = capsys.readouterr()
    assert all(each.login in told.out for each in SIGN_INS)
    assert PASSWORD in told.err


def test_the_applications_role_cant_clear_it(registry: Registry) -> None:
    with pytest.raises(OwnerNeeded):
        service.clear(registry.app, actor=operator())
    assert rows(registry.app, Facility) == registry.loaded["facilities"]


def test_clearing_takes_all_of_it_out_and_leaves_what_is_others(registry: Registry) -> None:
    """The last test of the module: afterwards the registry is without the demonstration."""
    with registry.app.write(actor="a test") as session:
        villages = select(Division).where(Division.level == "village", Division.vintage == 2023)
        division = session.scalars(villages.limit(1)).one()
        # A change of it leaves its earlier wording in history.
        session.execute(text("UPDATE division_succession SET evidence = evidence || '改' WHERE fid % 50 = 0"))
        kept = make_facility(session, FacilityKind.CEMETERY, division_id=division.id, name="别人的").id
        shown = session.scalars(select(Facility).where(Facility.dataset_id.is_not(None)).limit(1)).one()
        called = FacilityContact(facility_id=shown.id, person="王小明", phone="110")
        session.add(called)
        session.flush()
        called.phone = "120"
        true_boundary = session.scalars(
            select(Division).where(Division.code == "330702000000", Division.vintage == 2023)
        ).one()
        true_boundary.position_quality = "source"
        session.execute(text("UPDATE facility SET name = name || '改' WHERE dataset_id IS NOT NULL AND fid % 50 = 0"))
        run = CoverageRun(
            state="done",
            standard={},
            question={},
            inputs={"population": {"dataset": KEY}},
            totals={},
            actor="a test",
        )
        session.add(run)
        # Somebody's own place beside the demonstration's, told of one of them, with an area and a clearance of its own.
        own = make_place(session, standard_name="别人的路", division_id=division.id)
        example = session.scalars(select(Place).where(Place.dataset_id.is_not(None)).limit(1)).one()
        session.add(PlaceName(place_id=own.id, name="别人的路", kind="standard"))
        session.add(PlaceRelation(place_id=own.id, other_id=example.id, kind="part-of", evidence="测试"))
        session.add(FindingClearance(place_id=own.id, name="别人的路", code="duplicate", reason="测试"))
        session.add(
            BuiltUpArea(key="own", name="自建", geom=from_shape(MultiPolygon([box(119, 29, 119.1, 29.1)]), 4490))
        )
        _tell_heritage(session, division)
        session.execute(text("UPDATE place_name SET origin = origin || '改' WHERE fid % 50 = 0"))
        own_id = own.id
    cleared = service.clear(registry.owner, actor=operator())
    assert cleared.rows["facility"] == registry.loaded["facilities"]
    assert (cleared.rows["coverage_run"], cleared.rows["heritage"]) == (1, 14)
    with registry.app.read() as session:
        facility = session.scalars(select(Facility)).one()
        assert (facility.id, facility.division_id) == (kept, None)
        divisions = session.execute(select(Division.code, Division.dataset_id)).all()
        assert [tuple(each) for each in divisions] == [("330702000000", None)]
        assert session.scalar(select(func.count()).select_from(CoverageRun)) == 0
        for model in (DemandPoint, RoadSegment, FacilityContact, DivisionSuccession):
            assert session.scalar(select(func.count()).select_from(model)) == 0
            assert session.scalar(select(func.count()).select_from(twin_of(model))) == 0
        # Whose deletion stays known: the datasets', and what became of the others' rows.
        twin = twin_of(Dataset)
        gone = session.execute(select(twin.c.key, twin.c.why).where(twin.c.operation == "DELETE")).all()
        assert [tuple(row) for row in gone] == [(KEY, "demo clear")] * 5
        assert session.scalars(select(twin_of(Facility).c.name)).all() == ["别人的"]
        assert [(each.id, each.division_id) for each in session.scalars(select(Place))] == [(own_id, None)]
        assert session.scalars(select(PlaceName.name)).all() == ["别人的路"]
        assert session.scalars(select(FindingClearance.name)).all() == ["别人的路"]
        _no_example_is_listed(session)
        assert session.scalars(select(BuiltUpArea.key)).all() == ["own"]
        for told in (PlaceExtent, PlaceRelation, NameFinding, NameReview):
            assert session.scalar(select(func.count()).select_from(told)) == 0
        for of_place in OF_PLACES:
            assert session.scalar(select(func.count()).select_from(twin_of(of_place))) == 0
        assert set(session.scalars(select(twin_of(Place).c.standard_name))) <= {"别人的路"}
        assert not accounts_exist(session), "its accounts are closed with it"
    assert service.clear(registry.owner, actor=operator()).rows == {}


def _tell_heritage(session: WriteSession, division: Division) -> None:
    """Somebody's own name on a list beside the examples, of which some were changed and withdrawn."""
    session.add(Heritage(name="别人的名", kind="other", level="city", division_id=division.id))
    session.execute(text("UPDATE heritage SET named = '明' WHERE synthetic"))
    session.execute(text("UPDATE heritage_story SET withdrawn = true"))


def _no_example_is_listed(session: ReadSession) -> None:
    listed = session.execute(select(Heritage.name, Heritage.division_id)).all()
    assert [tuple(each) for each in listed] == [("别人的名", None)]
    assert set(session.scalars(select(twin_of(Heritage).c.name))) == {"别人的名"}
    for part in (HeritageEvidence, HeritageStory, HeritagePicture, HeritageMeasure):
        for kept_in in (part, twin_of(part)):
            assert session.scalar(select(func.count()).select_from(kept_in)) == 0


def test_a_registry_that_was_cleared_isnt_given_it_again(registry: Registry) -> None:
    service.clear(registry.owner, actor=operator())
    with registry.owner.write(actor="a test") as session:
        for table in ("facility", "place_name", "finding_clearance", "heritage", "place", "built_up_area"):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("DELETE FROM division"))
    assert not wanted(registry.app)
