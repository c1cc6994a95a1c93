"""Roads without a name in a registry: found, found again, named, carried to the field, taken back, handed to a case."""

import io
import math
from pathlib import Path

import openpyxl
import pytest
from geoalchemy2.shape import from_shape
from shapely import LineString, MultiLineString, Point

from geo_registry.accounts.actors import Grant, local_operator
from geo_registry.coverage.faces import faces
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database
from geo_registry.errors import LaneSettled, LanesWithoutBorders, LaneUnsound, NotYourDivision, RecordChanged
from geo_registry.model import Dataset, UnnamedLane
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.search import keeping
from geo_registry.unnamed import fieldmap, service, sheet
from geo_registry.unnamed.inputs import Batch, Decision, LaneDecision, NewLanes, NewSearch, NewWish
from geo_registry.unnamed.keeping import Kept
from geo_registry.unnamed.queries import LaneQuery, LaneRow
from geo_registry.vocabulary import DatasetKind, DivisionLevel, LaneEnd, LaneStatus, NamedAfter, PlaceClass, Role
from tests.factories import make_actor, make_dataset, make_division, make_place, make_road
from tests.integration.test_name_checks import place

OPERATOR = local_operator()
LON, LAT = 119.65, 29.08
DEGREE_M = 111_195.0
VILLAGE, NEXT_VILLAGE, TOWN = "330702001201", "330702001202", "330702001000"


def at(x: float, y: float) -> tuple[float, float]:
    """A place by metres east and north of one, in degrees."""
    return LON + x / (DEGREE_M * math.cos(math.radians(LAT))), LAT + y / DEGREE_M


def box(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    return (*at(west, south), *at(east, north))


@pytest.fixture
def registry(database: Database) -> Database:
    """As `fill` has it."""
    fill(database)
    return database


def fill(database: Database) -> None:
    """A town of two villages: a named road, a lane of two pieces from it to a temple, one across the border, a registered street."""
    keeping.install()
    with database.write(actor="test") as session:
        county = make_division(session, "330702000000", name="婺城区", box=box(-2_000, -2_000, 2_000, 2_000))
        town = make_division(
            session,
            TOWN,
            level=DivisionLevel.TOWNSHIP,
            name="白塘镇",
            parent=county,
            box=box(-1_000, -1_000, 1_000, 1_000),
        )
        for code, name, reach in (
            (VILLAGE, "王村村", box(-1_000, -1_000, 0, 1_000)),
            (NEXT_VILLAGE, "李宅村", box(0, -1_000, 1_000, 1_000)),
        ):
            make_division(session, code, level=DivisionLevel.VILLAGE, name=name, parent=town, box=reach)
        roads = make_dataset(session, DatasetKind.ROADS, key="roads")
        for name, *line in (
            ("人民路", (-900, 0), (-500, 0)),
            ("", (-500, 0), (-500, 150)),
            ("", (-500, 150), (-498, 300)),
            ("", (-300, -400), (400, -400)),
            ("", (-800, 500), (-600, 500)),
        ):
            make_road(session, roads, [at(*each) for each in line], name=name)
        make_place(
            session,
            standard_name="振兴路",
            place_class=PlaceClass.STREET.value,
            geom=from_shape(LineString([at(-810, 505), at(-590, 505)]), srid=STORAGE_SRID),
        )
        make_place(
            session,
            standard_name="胡公庙",
            place_class=PlaceClass.TEMPLE.value,
            geom=from_shape(Point(at(-498, 350)), srid=STORAGE_SRID),
        )


def find(database: Database, folder: Path, division: str | None = TOWN) -> Kept:
    return service.find_now(database, NewSearch(division=division), data_path=folder, actor=OPERATOR)


def lanes(database: Database, **asked: object) -> list[LaneRow]:
    with database.read() as session:
        return list(service.all_lanes(session, LaneQuery(**asked), actor=OPERATOR))  # type: ignore[arg-type]


def decide(database: Database, lane: LaneRow, **told: object) -> LaneRow:
    with database.write(actor=OPERATOR) as session:
        return service.decide_lane(session, lane.id, Decision.model_validate(told), seen=WHICHEVER, actor=OPERATOR)


def to_the_temple(database: Database) -> LaneRow:
    (lane,) = [each for each in lanes(database, division=VILLAGE) if each.ends.at is LaneEnd.FEATURE]
    return lane


def test_lanes_are_found_whole_by_village(registry: Database, tmp_path: Path) -> None:
    kept = find(registry, tmp_path)
    assert (kept.found, kept.new, kept.named, kept.gone) == (3, 3, 0, 0)
    there = lanes(registry)
    assert [each.division_code for each in there] == [VILLAGE, VILLAGE, NEXT_VILLAGE]
    lane = to_the_temple(registry)
    assert lane.length_m == pytest.approx(300, abs=2)
    assert (lane.begins.says("zh-CN"), lane.ends.says("zh-CN")) == ("人民路", "胡公庙附近")
    assert lane.course.says("zh-CN") == "南北走向"
    # The registered street covers the road at 500 m north, the border cuts the one in the south.
    across = [each for each in there if each.line.bounds[1] < LAT]
    assert [round(each.length_m / 10) for each in across] == [30, 40]
    assert across[0].ends.at is across[1].begins.at is LaneEnd.BORDER


def test_a_search_in_one_village_leaves_the_others_alone(registry: Database, tmp_path: Path) -> None:
    assert find(registry, tmp_path, VILLAGE).found == 2
    assert {each.division_code for each in lanes(registry)} == {VILLAGE}


def test_without_borders_nothing_can_be_told_by_village(registry: Database, tmp_path: Path) -> None:
    with registry.write(actor="test") as session:
        make_division(session, "330703000000", name="金东区")
    with pytest.raises(LanesWithoutBorders):
        find(registry, tmp_path, "330703000000")


def test_found_again_what_people_decided_stays(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    lane = to_the_temple(registry)
    decide(registry, lane, decision="propose", name="胡公庙路", meaning="通往胡公庙")
    dropped = decide(registry, lanes(registry, division=NEXT_VILLAGE)[0], decision="drop", reason="机耕路，无人居住")
    again = find(registry, tmp_path)
    assert (again.found, again.new, again.named, again.gone) == (3, 0, 0, 0)
    told = {each.id: each for each in lanes(registry)}
    assert told[lane.id].proposed_name == "胡公庙路"
    assert told[dropped.id].status is LaneStatus.DROPPED


def test_what_has_a_name_by_now_is_named_and_what_went_is_gone(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    lane = to_the_temple(registry)
    decide(registry, lane, decision="propose", name="胡公庙路")
    with registry.write(actor="test") as session:
        make_place(
            session,
            standard_name="胡公庙路",
            place_class=PlaceClass.STREET.value,
            geom=from_shape(lane.line, srid=STORAGE_SRID),
        )
        other = make_dataset(session, DatasetKind.ROADS, key="later", as_of=None)
        make_road(session, other, [at(-300, -400), at(0, -400)])
    again = service.find_now(registry, NewSearch(division=TOWN, roads="later"), data_path=tmp_path, actor=OPERATOR)
    assert (again.new, again.named, again.gone) == (0, 1, 1)
    assert {each.status for each in lanes(registry, division=NEXT_VILLAGE)} == {LaneStatus.GONE}
    with pytest.raises(LaneSettled):
        decide(registry, lane, decision="reopen")


def test_names_come_from_the_temple_and_the_village_and_none_is_offered_twice(
    registry: Database, tmp_path: Path
) -> None:
    find(registry, tmp_path)
    with registry.read() as session:
        carried = service.carry(session, LaneQuery(division=TOWN), actor=OPERATOR)
    best = {lane: offers[0].proposal.name for lane, offers in carried.offers.items() if offers}
    assert best[to_the_temple(registry).id].startswith("胡公庙")
    assert len(set(best.values())) == len(best)
    assert not any(offers[0].forbidden for offers in carried.offers.values() if offers)


def test_a_name_that_the_registry_has_is_not_offered_first(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    lane = to_the_temple(registry)
    with registry.read() as session:
        before = service.tell_lane(session, lane.id, actor=OPERATOR).offers[0].proposal.name
    place(registry, before, lon=119.655, lat=29.085)
    with registry.read() as session:
        offers = service.tell_lane(session, lane.id, actor=OPERATOR).offers
    assert offers[0].proposal.name != before
    assert not offers[0].forbidden
    assert [each.forbidden for each in offers if each.proposal.name == before] == [True]


def test_a_wish_is_offered_first_for_its_village_alone(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    with registry.write(actor=OPERATOR) as session:
        service.add_wish(session, NewWish(division=VILLAGE, name="古樟", meaning="村口古樟"), actor=OPERATOR)
    with registry.read() as session:
        (lane,) = service.carry(session, LaneQuery(division=NEXT_VILLAGE), actor=OPERATOR).lanes
        other = service.tell_lane(session, lane.id, actor=OPERATOR)
        told = service.tell_lane(session, to_the_temple(registry).id, actor=OPERATOR)
    assert not any(each.proposal.after is NamedAfter.WISH for each in other.offers)
    assert any(each.proposal.after is NamedAfter.WISH for each in told.offers)


def test_a_decision_says_what_it_saw(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    lane = to_the_temple(registry)
    decide(registry, lane, decision="propose", name="胡公庙路")
    with registry.write(actor=OPERATOR) as session, pytest.raises(RecordChanged):
        service.decide_lane(
            session,
            lane.id,
            Decision(decision="drop", reason="x"),
            seen=Seen(frozenset({lane.version})),
            actor=OPERATOR,
        )


def test_a_town_decides_on_its_own_lanes(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    lane = to_the_temple(registry)
    own, other = make_actor(Grant(Role.TOWNSHIP, "330702001")), make_actor(Grant(Role.TOWNSHIP, "330702002"))
    told = Decision(decision="propose", name="胡公庙路")
    with registry.write(actor=other) as session, pytest.raises(NotYourDivision):
        service.decide_lane(session, lane.id, told, seen=WHICHEVER, actor=other)
    with registry.write(actor=own) as session:
        assert service.decide_lane(session, lane.id, told, seen=WHICHEVER, actor=own).proposed_name == "胡公庙路"


def test_lanes_are_drawn_and_imported(registry: Database) -> None:
    line = {"type": "LineString", "coordinates": [at(-200, 200), at(-700, 210)]}
    new = NewLanes.model_validate({"features": [{"geometry": line, "properties": {"name": "塘沿巷"}}]})
    with registry.write(actor=OPERATOR) as session:
        (lane,) = service.add_lanes(session, new, actor=OPERATOR)
    assert (lane.division_code, lane.status, lane.proposed_name) == (VILLAGE, LaneStatus.PROPOSED, "塘沿巷")
    assert lane.length_m == pytest.approx(500, abs=3)
    # Told from its western end, whichever way it was drawn.
    assert lane.line.coords[0][0] < lane.line.coords[-1][0]
    with pytest.raises(LaneUnsound):
        service.lanes_in(
            b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}'
        )
    with pytest.raises(LaneUnsound):
        service.lanes_in(b"not json")


def test_the_table_goes_to_the_field_and_comes_back(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    with registry.read() as session:
        carried = service.carry(session, LaneQuery(division=TOWN), actor=OPERATOR)
    content = sheet.workbook(carried.lanes, carried.offers)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["说明", "王村村", "李宅村"]
    page = book["王村村"]
    head = [cell.value for cell in page[1]]
    assert [each.sqref for each in page.data_validations.dataValidation]
    column = {word: head.index(word) + 1 for word in head}
    page.cell(2, column[sheet.DECISION], sheet.PROPOSE)
    page.cell(2, column[sheet.NAME], "古樟巷")
    page.cell(2, column[sheet.WIDTH], 4.5)
    page.cell(2, column[sheet.SURFACE], "水泥")
    page.cell(2, column[sheet.OTHERS], "樟树弄、老巷")
    page.cell(3, column[sheet.DECISION], sheet.DROP)
    book["李宅村"].cell(2, column[sheet.DECISION], sheet.LATER)
    back = io.BytesIO()
    book.save(back)
    decisions, problems = sheet.read(back.getvalue())
    # Dropped without a reason.
    assert [(each.sheet, each.row) for each in problems] == [("王村村", 3)]
    with registry.write(actor=OPERATOR) as session:
        decided, refused = service.decide_lanes(session, decisions, actor=OPERATOR)
    assert (len(decided), refused) == (1, [])
    assert (decided[0].proposed_name, decided[0].width_m, decided[0].surface) == ("古樟巷", 4.5, "水泥")
    assert decided[0].other_names == ("樟树弄", "老巷")
    # The same table once more: what it saw is another version by now.
    with registry.write(actor=OPERATOR) as session:
        decided, refused = service.decide_lanes(session, decisions, actor=OPERATOR)
    assert (decided, [type(each.error) for each in refused]) == ([], [RecordChanged])


def test_what_is_no_table_of_ours_is_refused() -> None:
    with pytest.raises(LaneUnsound):
        sheet.read(b"PK nonsense")


def test_the_map_for_the_field_is_a_pdf_with_a_page_for_each_village(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    with registry.read() as session:
        carried = service.carry(session, LaneQuery(division=TOWN), actor=OPERATOR, approval="浙S(2026)01号")
    content = fieldmap.document(carried.lanes, carried.offers, families=faces(), backdrop=carried.backdrop)
    assert content.startswith(b"%PDF")
    # A map and a list for each of two villages.
    assert content.count(b"/Type /Page ") + content.count(b"/Type /Page\n") == 4


def test_progress_is_told_by_village_and_town(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    decide(registry, to_the_temple(registry), decision="propose", name="胡公庙路")
    with registry.read() as session:
        told = {each.code: each for each in service.progress_by_division(session, None, actor=OPERATOR)}
    assert set(told) == {TOWN, VILLAGE, NEXT_VILLAGE}
    assert told[TOWN].lanes == {LaneStatus.FOUND: 2, LaneStatus.PROPOSED: 1}
    assert told[TOWN].km[LaneStatus.PROPOSED] == pytest.approx(0.3, abs=0.01)


def test_a_case_gets_one_line_for_each_name(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    chosen = lanes(registry)
    with pytest.raises(LaneUnsound), registry.read() as session:
        service.lines_for_case(session, [each.id for each in chosen])
    temple = to_the_temple(registry)
    decide(registry, temple, decision="propose", name="胡公庙路", meaning="通往胡公庙", width_m=5, surface="水泥")
    for each in chosen:
        if each.id != temple.id:
            decide(registry, each, decision="propose", name="塘南路", other_names=["机耕路"])
    with registry.read() as session:
        lines = {each.name: each for each in service.lines_for_case(session, [each.id for each in chosen])}
    assert set(lines) == {"胡公庙路", "塘南路"}
    one = lines["胡公庙路"]
    assert (one.place_class, one.division, one.meaning) == (PlaceClass.STREET, VILLAGE, "通往胡公庙")
    assert one.detail == {
        "direction": "南北走向",
        "begins_at": "人民路",
        "ends_at": "胡公庙附近",
        "length_m": temple.length_m,
        "width_m": 5.0,
        "surface": "水泥",
    }
    # Two lanes of one name are one road through both villages; it belongs to the town, which holds all of it.
    road = lines["塘南路"]
    assert (road.division, road.other_names, len(road.lanes)) == (TOWN, ["机耕路"], 2)
    assert isinstance(road.geometry, LineString | MultiLineString)
    assert road.detail["length_m"] == pytest.approx(700, abs=4)


def test_names_that_are_proposed_are_filed_as_one_case(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    batch = Batch(division=TOWN, title="关于命名无名道路的申请", plan="清单附后", reasons="乡村著名行动")
    with pytest.raises(LaneUnsound), registry.write(actor="test") as session:
        service.file_lanes(session, batch, actor=OPERATOR)
    for each in lanes(registry):
        decide(
            registry, each, decision="propose", name="胡公庙路" if each.id == to_the_temple(registry).id else "塘南路"
        )
    with registry.write(actor="test") as session:
        told = service.file_lanes(session, batch, actor=OPERATOR)
    assert {line.name for line in told.lines} == {"胡公庙路", "塘南路"}
    assert {line.place_class for line in told.lines} == {PlaceClass.STREET}
    assert told.case.division_code == TOWN
    assert {each.status for each in lanes(registry)} == {LaneStatus.FILED}


def test_a_decision_needs_its_name_or_reason() -> None:
    for told in ({"decision": "propose"}, {"decision": "drop"}):
        with pytest.raises(ValueError, match=r"give the name|say why"):
            Decision.model_validate(told)
    assert LaneDecision.model_validate(
        {"lane": "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11", "seen": "x", "decision": {"decision": "reopen"}}
    )


def test_lists_are_paged_and_narrowed(registry: Database, tmp_path: Path) -> None:
    find(registry, tmp_path)
    with registry.read() as session:
        first = service.list_lanes(session, LaneQuery(status=LaneStatus.FOUND), Page(limit=2), actor=OPERATOR)
        rest = service.list_lanes(session, LaneQuery(), Page(after=first.next_after or 0), actor=OPERATOR)
    assert (len(first.rows), len(rest.rows), rest.next_after) == (2, 1, None)


def test_lanes_of_made_up_roads_say_so(registry: Database, tmp_path: Path) -> None:
    with registry.write(actor="test") as session:
        roads = make_dataset(session, DatasetKind.ROADS, key="made-up")
        make_road(session, roads, [at(-300, 700), at(-100, 700)], position_quality="synthetic")
    service.find_now(registry, NewSearch(division=TOWN, roads="made-up"), data_path=tmp_path, actor=OPERATOR)
    with registry.read() as session:
        kept = session.query(UnnamedLane).filter_by(position_quality="synthetic").count()
    assert kept == 1
    assert isinstance(roads, Dataset)
