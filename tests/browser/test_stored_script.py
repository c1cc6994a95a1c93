"""A registry whose every text holds a script: no page runs it, wherever it is shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Dialog
from sqlalchemy import String, select, text
from sqlalchemy.dialects.postgresql import JSONB

from api.main import create_app
from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.cases.announced import Announced, AnnouncedName
from geo_registry.cases.announcing import as_content, in_public
from geo_registry.coverage.inputs import Question, Standard, Words
from geo_registry.coverage.service import run_now
from geo_registry.db.session import Database, WriteSession
from geo_registry.demo.listed import drawing
from geo_registry.heritage.pictures import PNG
from geo_registry.jobs import queue
from geo_registry.model import (
    AccountIdentity,
    Announcement,
    BuiltUpArea,
    BuiltUpExtent,
    CaseClearance,
    CaseDocument,
    CaseName,
    CaseStepTaken,
    Consultation,
    ConsultationComment,
    Dataset,
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
    JobProgress,
    NameDecision,
    NameFinding,
    NameReview,
    NameWish,
    NamingCase,
    OidcAttempt,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
    RoadBarrier,
    RoleGrant,
    UnnamedLane,
    UnnamedSearch,
)
from geo_registry.places.rules.findings import LAW
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import (
    Certainty,
    DatasetKind,
    DivisionChange,
    DivisionLevel,
    FacilityKind,
    FindingCode,
    HeritageKind,
    HeritageLevel,
    HeritageStatus,
    MeasurePurpose,
    Named,
    NameKind,
    PlaceClass,
    PlaceRelationKind,
    PopulationBasis,
    Role,
    RomanizedBy,
    RunState,
    Severity,
    StandardFamily,
    TokenScope,
)
from tests.architecture.test_routes import _routes
from tests.browser.conftest import Watched
from tests.browser.test_plan import SOUTH, STEP, WEST, at_step, drawn, opened
from tests.conftest import TestUrls
from tests.factories import (
    make_account,
    make_dataset,
    make_demand_point,
    make_division,
    make_facility,
    make_place,
    make_road,
    operator,
)
from tests.http.conftest import Service, served

SCRIPT = """'"><script>alert(1)</script><img src=x onerror=alert(1)>"""
PASSWORD = "four words that nobody guesses"
MARK = "<script>"

CHECKED = {
    ("account", "login"),
    ("account", "state"),
    ("account_password", "hash"),
    ("account_session", "address"),
    ("api_token", "scopes"),
    *(("audit_entry", each) for each in ("address", "operation", "table_name", "verb", "way")),
    *(("naming_case", each) for each in ("announcing", "approver", "filing", "kind", "origin", "state")),
    *(("case_name", each) for each in ("action", "class", "state")),
    ("case_step", "step"),
    *(("case_document", each) for each in ("kind", "media_type", "sha256")),
    ("case_clearance", "code"),
    ("consultation", "kind"),
    ("consultation_comment", "outcome"),
    ("case_step", "amends"),
    ("name_decision", "action"),
    ("coverage_facility", "kind"),
    ("coverage_point", "division_code"),
    ("coverage_point", "state"),
    ("coverage_run", "error"),
    ("coverage_run", "inputs"),
    ("coverage_run", "question"),
    ("coverage_run", "recorded_why"),
    ("coverage_run", "state"),
    ("coverage_run", "totals"),
    ("coverage_zone", "code"),
    ("coverage_zone", "level"),
    ("dataset", "basis"),
    ("dataset", "kind"),
    ("demand_point", "counts"),
    ("demand_point", "position_quality"),
    ("division", "code"),
    ("division", "level"),
    ("division", "position_quality"),
    ("division_succession", "certainty"),
    ("division_succession", "change"),
    ("facility", "kind"),
    ("facility_contact", "phone"),
    ("facility", "position_quality"),
    ("facility", "status"),
    *(("built_up_area", each) for each in ("divisions", "from_precision", "key", "position_quality", "to_precision")),
    *(("built_up_extent", each) for each in ("divisions", "from_precision", "position_quality", "to_precision")),
    ("finding_clearance", "code"),
    *(("heritage", each) for each in ("kind", "level", "status")),
    ("heritage_measure", "purpose"),
    ("heritage_picture", "media_type"),
    ("import_run", "kind"),
    ("import_run", "state"),
    *(("kept_answer", each) for each in ("actor", "body", "headers", "key")),
    ("name_due", "type"),
    ("name_key", "code"),
    *(("name_finding", each) for each in ("code", "collides_division", "collides_kind", "division_code", "kind")),
    ("name_finding", "severity"),
    ("name_finding", "type"),
    ("name_key", "folded"),
    ("name_key", "homophone"),
    ("name_key", "initials"),
    ("name_key", "kind"),
    ("name_key", "name_kind"),
    ("name_key", "pinyin"),
    ("name_key", "quality"),
    ("name_key", "status"),
    ("name_key", "type"),
    *(("place", each) for each in ("begun_precision", "class", "ended_precision")),
    ("place", "national_code"),
    ("place", "position_quality"),
    ("place", "state"),
    *(("place_extent", each) for each in ("from_precision", "position_quality", "to_precision")),
    *(("place_name", each) for each in ("from_precision", "kind", "language", "naming", "romanized_by", "status")),
    ("place_name", "to_precision"),
    *(("place_relation", each) for each in ("certainty", "kind", "since_precision")),
    ("road_segment", "position_quality"),
    ("role_grant", "division"),
    ("role_grant", "role"),
    ("sign_in_failure", "by"),
    ("sign_in_failure", "key"),
    ("table_version", "table_name"),
    ("team", "key"),
    *(("unnamed_lane", each) for each in ("named_after", "origin", "position_quality", "status")),
}
"""What can't hold one: words of a vocabulary, codes, figures, hashes, what is derived; answers that are kept for programs
and shown on no page. All other texts do, below."""


THEN = date(2015, 1, 1)
"""When the built-up area grew."""


@dataclass(frozen=True)
class Attacked:
    """Where the registry is served, and what its pages are addressed by."""

    service: Service
    facility: str
    contact: str
    place: str
    area: str
    heritage: str
    picture: str
    run: str
    case: str
    line: str
    consultation: str
    announcement: str


@pytest.fixture
def registry(committed: TestUrls) -> Iterator[Database]:
    keeping.install()
    database = Database.connect(committed.app)
    yield database
    database.dispose()


@pytest.fixture
def attacked(registry: Database, tmp_path: Path) -> Iterator[Attacked]:
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    with registry.write(actor=SCRIPT, why=SCRIPT) as session:
        facility, contact = _fill(session)
        place, area = _fill_places(session)
        cases = _fill_cases(session, place)
        heritage, picture = _fill_heritage(session, place)
        _fill_accounts(session, settings)
    standard = Standard(
        key="attack",
        name=Words(zh=SCRIPT, en=SCRIPT),
        family=StandardFamily.REACH,
        demand=SCRIPT,
        basis=PopulationBasis.RESIDENT,
        kinds=(FacilityKind.HOME_CARE_CENTRE,),
        minutes=15,
        source=SCRIPT,
        scope=SCRIPT,
        note=SCRIPT,
    )
    question = Question(population=SCRIPT)
    run = run_now(registry, standard=standard, question=question, actor=operator(SCRIPT), data_path=tmp_path)
    with served(create_app(settings, registry)) as service:
        yield Attacked(
            service=service,
            facility=facility,
            contact=contact,
            place=place,
            area=area,
            heritage=heritage,
            picture=picture,
            run=str(run),
            **cases,
        )


def _fill(session: WriteSession) -> tuple[str, str]:
    """The ids of a facility, and of whom to call there."""
    over = {"title": SCRIPT, "licence": SCRIPT}
    sets = {kind: make_dataset(session, kind, key=SCRIPT, **over) for kind in DatasetKind}
    county = make_division(
        session,
        "330702000000",
        name=SCRIPT,
        box=(WEST - STEP, SOUTH - 0.02, WEST + 11 * STEP, SOUTH + 0.02),
        dataset_id=sets[DatasetKind.DIVISIONS].id,
    )
    town = make_division(
        session,
        "330702001000",
        level=DivisionLevel.TOWNSHIP,
        name=SCRIPT,
        parent=county,
        box=(WEST - STEP, SOUTH - 0.02, WEST + 11 * STEP, SOUTH + 0.02),
    )
    roads, people = sets[DatasetKind.ROADS], sets[DatasetKind.POPULATION]
    line = [(WEST, SOUTH), (WEST + 10 * STEP, SOUTH)]
    make_road(session, roads, line, name=SCRIPT, source_id=SCRIPT, highway="residential")
    make_road(session, roads, [(WEST, SOUTH), (WEST, SOUTH + STEP)], name=SCRIPT, highway=SCRIPT)
    session.add(
        RoadBarrier(
            dataset_id=roads.id,
            source_id=SCRIPT,
            barrier=SCRIPT,
            foot_blocked=False,
            motor_blocked=True,
            geom=f"SRID=4490;POINT({WEST} {SOUTH})",
        )
    )
    make_demand_point(
        session,
        people,
        lon=WEST + 3 * STEP,
        lat=SOUTH,
        counts={SCRIPT: 100, "all": 100},
        division=town,
        source_id=SCRIPT,
    )
    facility = make_facility(
        session,
        lon=WEST,
        lat=SOUTH,
        name=SCRIPT,
        address=SCRIPT,
        detail={"theme": SCRIPT},
        division_id=town.id,
        dataset_id=sets[DatasetKind.FACILITIES].id,
        source_id=SCRIPT,
        confirmed_by=SCRIPT,
    )
    contact = FacilityContact(facility_id=facility.id, person=SCRIPT, post=SCRIPT, phone="120")
    session.add(contact)
    session.add(
        ImportRun(
            kind=DatasetKind.ROADS.value,
            file_name=SCRIPT,
            state=RunState.DONE.value,
            report={"x": SCRIPT},
            started_at=datetime.now(UTC),
            actor=SCRIPT,
        )
    )
    job = queue.defer(session, "attack", x=SCRIPT)
    texts = {"zh-CN": SCRIPT, "en": SCRIPT}
    session.add(JobProgress(job_id=job, step=SCRIPT, done=0, error={"code": SCRIPT, "messages": texts, "hints": texts}))
    session.flush()
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :job"), {"job": job})
    return str(facility.id), str(contact.id)


def _fill_places(session: WriteSession) -> tuple[str, str]:
    """The ids of a place with names, an extent, a relation and findings, and of a built-up area; a former division beside."""
    dataset = make_dataset(session, DatasetKind.PLACES, key="attack")
    over = {"standard_name": SCRIPT, "detail": {"description": SCRIPT}, "dataset_id": dataset.id, "source_id": SCRIPT}
    place = make_place(session, lon=WEST, lat=SOUTH, **over)
    river = make_place(session, lon=WEST, lat=SOUTH, standard_name=SCRIPT, place_class=PlaceClass.RIVER.value)
    said = dict.fromkeys(("name", "romanized", "romanized_why", "meaning", "origin", "source"), SCRIPT)
    session.add_all(
        PlaceName(place_id=place.id, kind=kind.value, romanized_by=RomanizedBy.REGISTRAR.value, **said)
        for kind in (NameKind.STANDARD, NameKind.FORMER)
    )
    session.add(PlaceExtent(place_id=place.id, geom=f"SRID=4490;POINT({WEST} {SOUTH})", source=SCRIPT))
    relation = PlaceRelationKind.NAMED_AFTER.value
    session.add(PlaceRelation(place_id=place.id, other_id=river.id, kind=relation, evidence=SCRIPT))
    square = f"SRID=4490;MULTIPOLYGON((({WEST} {SOUTH}, {WEST} {SOUTH + 1}, {WEST + 1} {SOUTH}, {WEST} {SOUTH})))"
    area = BuiltUpArea(
        key="attack", name=SCRIPT, geom=square, source=SCRIPT, dataset_id=dataset.id, source_id=SCRIPT, valid_from=THEN
    )
    session.add(area)
    session.flush()
    session.add(BuiltUpExtent(area_id=area.id, geom=square, source=SCRIPT, valid_to=THEN))
    review = NameReview(names=1, findings=1, seconds=0, ordered_by=SCRIPT)
    session.add(review)
    session.flush()
    session.add(
        NameFinding(
            review_id=review.id,
            type=Named.PLACE.value,
            record_id=place.id,
            name=SCRIPT,
            kind=PlaceClass.VILLAGE.value,
            code=FindingCode.PERSON.value,
            severity=Severity.WARNING.value,
            basis={"law": LAW, "article": 9, "item": 4, "note": SCRIPT},
            details={"found": SCRIPT},
            collides_with=river.id,
            collides_name=SCRIPT,
            collides_kind=PlaceClass.RIVER.value,
        )
    )
    cleared = FindingCode.BRAND.value
    session.add(
        FindingClearance(
            place_id=place.id, name=SCRIPT, code=cleared, collides_with=river.id, collides_name=SCRIPT, reason=SCRIPT
        )
    )
    now = session.scalars(select(Division).where(Division.code == "330702001000")).one()
    then = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, name=f"旧{SCRIPT}", vintage=2018)
    change = {"change": DivisionChange.RENAMED.value, "certainty": Certainty.CERTAIN.value}
    session.add(DivisionSuccession(before_id=then.id, after_id=now.id, evidence=SCRIPT, **change))
    _fill_lanes(session, dataset, now)
    session.flush()
    return str(place.id), str(area.id)


def _fill_cases(session: WriteSession, place: str) -> dict[str, str]:
    """The ids of a case with a name and its papers, of a consultation with a comment, of an announcement."""
    county = session.scalars(select(Division).where(Division.code == "330702000000")).one()
    day = datetime.now(UTC).date()
    said = dict.fromkeys(("number", "title", "applicant", "plan", "reasons", "approving_body"), SCRIPT)
    papers = dict.fromkeys(("approval_number", "filing_number"), SCRIPT)
    case = NamingCase(**said, **papers, kind="naming", approver="government", division_id=county.id, turns=1)
    session.add(case)
    session.flush()
    of_name = dict.fromkeys(("name", "romanized", "meaning", "origin", "struck_why"), SCRIPT)
    detail = {"begins_at": SCRIPT, "description": SCRIPT}
    line = CaseName(
        former=SCRIPT,
        **of_name,
        case_id=case.id,
        position=1,
        action="name",
        place_class="street",
        detail=detail,
        aliases=[SCRIPT],
        geom=f"SRID=4490;LINESTRING({WEST} {SOUTH}, {WEST + STEP} {SOUTH})",
    )
    paper = CaseDocument(
        case_id=case.id, kind="other", title=SCRIPT, file_name=SCRIPT, media_type="x", bytes=1, sha256="0" * 64
    )
    name = AnnouncedName(
        name=SCRIPT,
        place_class=PlaceClass.STREET,
        romanized=SCRIPT,
        meaning=SCRIPT,
        position=SCRIPT,
        lon=WEST,
        lat=SOUTH,
    )
    told = Announced(
        title=SCRIPT, office=SCRIPT, names=[name], paragraphs=[SCRIPT], channels=SCRIPT, approving_body=SCRIPT
    )
    asked = Consultation(
        case_id=case.id,
        kind="notice",
        title=SCRIPT,
        body=SCRIPT,
        names=in_public([name]),
        division_id=county.id,
        opened_on=day - timedelta(days=1),
        closes_on=day + timedelta(days=1),
    )
    announced = Announcement(
        case_id=case.id,
        number=SCRIPT,
        title=SCRIPT,
        office=SCRIPT,
        correction=SCRIPT,
        published_on=day,
        division_id=county.id,
        content=as_content(told),
    )
    session.add_all([line, paper, asked, announced])
    session.flush()
    step = CaseStepTaken(case_id=case.id, step="submit", happened_on=day, number=SCRIPT, note=SCRIPT)
    found = {"code": FindingCode.BRAND.value, "collides_name": SCRIPT, "reason": SCRIPT}
    cleared = CaseClearance(line_id=line.id, name=SCRIPT, **found)
    comment = ConsultationComment(
        consultation_id=asked.id,
        number=SCRIPT,
        said=SCRIPT,
        proposed_name=SCRIPT,
        person=SCRIPT,
        reach=SCRIPT,
        outcome="adopted",
        answer=SCRIPT,
    )
    decision = NameDecision(
        case_id=case.id,
        place_id=place,
        name=SCRIPT,
        action="name",
        body=SCRIPT,
        approved_on=day,
        approval_number=SCRIPT,
        filed_on=day,
        filing_number=SCRIPT,
        announcement_id=announced.id,
    )
    session.add_all([step, cleared, comment, decision])
    session.flush()
    return {
        "case": str(case.id),
        "line": str(line.id),
        "consultation": str(asked.id),
        "announcement": str(announced.id),
    }


def _fill_heritage(session: WriteSession, place: str) -> tuple[str, str]:
    """The ids of a name that was on a list, and of a picture of it."""
    words = ("name", "romanized", "list_name", "document_number", "body", "delisted_document", "delisted_why")
    years = ("founded", "named", "disused", "restored")
    heritage = Heritage(
        place_id=UUID(place),
        kind=HeritageKind.ANCIENT_TOWN.value,
        level=HeritageLevel.CITY.value,
        status=HeritageStatus.DELISTED.value,
        listed_on=THEN,
        delisted_on=THEN,
        claims={SCRIPT: True},
        **dict.fromkeys((*words, *years), SCRIPT),
    )
    session.add(heritage)
    session.flush()
    of = {"heritage_id": heritage.id}
    picture = HeritagePicture(
        **of,
        **dict.fromkeys(("caption", "author", "licence", "taken"), SCRIPT),
        media_type=PNG,
        width_px=480,
        height_px=320,
        checksum=b"x" * 32,
        content=drawing(1),
    )
    session.add_all(
        [
            HeritageEvidence(**of, **dict.fromkeys(("what", "says", "dated", "source"), SCRIPT), supports=[SCRIPT]),
            HeritageStory(**of, title=SCRIPT, story=SCRIPT, source=SCRIPT),
            HeritageMeasure(
                **of,
                purpose=MeasurePurpose.RENAMING.value,
                measure=SCRIPT,
                decided_on=THEN,
                document_number=SCRIPT,
                body=SCRIPT,
            ),
            picture,
        ]
    )
    # So that it stands in a list that everybody sees, and on the place's page.
    on = {"listed_on": THEN, "status": HeritageStatus.LISTED.value, "document_number": "1", "body": "x"}
    kind = {"kind": HeritageKind.OTHER.value, "level": HeritageLevel.CITY.value}
    session.add(Heritage(place_id=UUID(place), name=SCRIPT, list_name="x", **kind, **on))
    session.flush()
    return str(heritage.id), str(picture.id)


def _fill_lanes(session: WriteSession, dataset: Dataset, town: Division) -> None:
    """A lane without a name, a search, a wish."""
    end = {"at": "road", "name": SCRIPT}
    lane = UnnamedLane(
        origin="drawn",
        division_id=town.id,
        geom=f"SRID=4490;LINESTRING({WEST} {SOUTH}, {WEST + 0.001} {SOUTH})",
        length_m=100.0,
        highway=SCRIPT,
        begins=end,
        ends=end,
        status="proposed",
        proposed_name=SCRIPT,
        other_names=[SCRIPT],
        meaning=SCRIPT,
        reason=SCRIPT,
        surface=SCRIPT,
    )
    run = UnnamedSearch(
        division_id=town.id, roads_id=dataset.id, lanes_found=1, lanes_new=1, lanes_named=0, lanes_gone=0, seconds=0
    )
    session.add_all([lane, run, NameWish(division_id=town.id, name=SCRIPT, meaning=SCRIPT, by_whom=SCRIPT)])


def _fill_accounts(session: WriteSession, settings: Settings) -> None:
    account = make_account(
        session,
        "attacker",
        Grant(Role.ADMIN),
        Grant(Role.REGISTRAR),
        password=PASSWORD,
        passwords=passwords_for(settings),
        display_name=SCRIPT,
    )
    service.keep_team(session, "attack", name=SCRIPT, join=["attacker"], actor=operator())
    service.issue_token(session, "attacker", name=SCRIPT, scopes=[TokenScope.READ], days=1, actor=operator())
    session.add(AccountIdentity(account_id=account.id, issuer=SCRIPT, subject=SCRIPT))
    session.add(RoleGrant(account_id=account.id, role=Role.VIEWER.value, by_group=SCRIPT))
    session.add(OidcAttempt(digest=b"x" * 32, following=SCRIPT, created_at=datetime.now(UTC)))


def addresses(attacked: Attacked) -> dict[str, list[str]]:
    """Where each page of the product shows texts of the registry, by its route; a new page is added here."""
    said = "%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    return {
        "/": ["/", f"/?q={said}", "/?division=330702", "/?view=elder"],
        "/facilities": ["/facilities", f"/facilities?q={said}", "/facilities?division=330702"],
        "/facilities/{facility}": [f"/facilities/{attacked.facility}", f"/facilities/{said}"],
        "/facilities/{facility}/contacts/{contact}/erase": [
            f"/facilities/{attacked.facility}/contacts/{attacked.contact}/erase",
            f"/facilities/{attacked.facility}/contacts/{said}/erase",
        ],
        "/places/{place}": [f"/places/{attacked.place}", f"/places/{said}", f"/places/{attacked.place}?on={said}"],
        "/places/{place}/extract": [f"/places/{attacked.place}/extract", f"/places/{said}/extract"],
        "/divisions/{code}": ["/divisions/330702001000", "/divisions/330702001000?vintage=2018", f"/divisions/{said}"],
        "/names": ["/names", f"/names?name={said}&class=street"],
        "/desk": ["/desk?show=all", f"/desk?text={said}", f"/desk?division={said}"],
        "/desk.csv": [],
        "/desk/names.csv": [],
        "/desk/taken-over": [f"/desk/taken-over?place={attacked.place}"],
        "/desk/new": ["/desk/new", f"/desk/new?place={attacked.place}", f"/desk/new?kind={said}"],
        "/desk/cases/{case}": [
            f"/desk/cases/{attacked.case}",
            f"/desk/cases/{said}",
            f"/desk/cases/{attacked.case}?find={said}",
        ],
        "/desk/cases/{case}/map.json": [],
        "/desk/cases/{case}/findings": [f"/desk/cases/{attacked.case}/findings?settled=true"],
        "/desk/cases/{case}/names/new": [
            f"/desk/cases/{attacked.case}/names/new?find={said}",
            f"/desk/cases/{attacked.case}/names/new?class=street",
            f"/desk/cases/{attacked.case}/names/new?place={attacked.place}",
        ],
        "/desk/cases/{case}/names/{line}": [f"/desk/cases/{attacked.case}/names/{attacked.line}"],
        "/desk/cases/{case}/documents/{document}": [],
        "/desk/consultations/{consultation}": [f"/desk/consultations/{attacked.consultation}"],
        "/announcements": ["/announcements", f"/announcements?words={said}", f"/announcements?division={said}"],
        "/announcements.atom": [],
        "/announcements/{announcement}": [f"/announcements/{attacked.announcement}", f"/announcements/{said}"],
        "/consultations": ["/consultations", f"/consultations?division={said}"],
        "/consultations/{consultation}": [f"/consultations/{attacked.consultation}", f"/consultations/{said}"],
        "/built-up-areas": ["/built-up-areas", f"/built-up-areas?on={said}", f"/built-up-areas?division={said}"],
        "/built-up-areas/{area}": [f"/built-up-areas/{attacked.area}", f"/built-up-areas/{said}"],
        "/heritage": ["/heritage", f"/heritage?level={said}&kind={said}", "/heritage?status=delisted"],
        "/heritage.csv": [],
        "/heritage.geojson": [],
        "/heritage/{heritage}": [f"/heritage/{attacked.heritage}", f"/heritage/{said}"],
        "/heritage/{heritage}/pictures/{picture}": [f"/heritage/{attacked.heritage}/pictures/{said}"],
        "/names/review.csv": [],
        "/names/review": ["/names/review", f"/names/review?division={said}"],
        "/names/unnamed": ["/names/unnamed", f"/names/unnamed?division={said}", f"/names/unnamed?lane={said}"],
        "/names/unnamed/table": [],
        "/plan": ["/plan"],
        "/docs": ["/docs"],
        "/design": ["/design"],
        "/sign-in": [f"/sign-in?next=/{said}"],
        "/sign-in/oidc": ["/sign-in/oidc"],
        "/sign-in/oidc/callback": [f"/sign-in/oidc/callback?error={said}&state={said}"],
        "/sign-in/oidc/leave": ["/sign-in/oidc/leave"],
        "/me": ["/me"],
        "/admin": ["/admin"],
        "/admin/users": ["/admin/users", f"/admin/users?after={said}"],
        "/admin/users/{login}": ["/admin/users/attacker", f"/admin/users/{said}"],
        "/admin/teams": ["/admin/teams"],
        "/admin/teams/{key}": ["/admin/teams/attack", f"/admin/teams/{said}"],
        "/admin/tokens": ["/admin/tokens", f"/admin/tokens?login={said}"],
        "/admin/audit": ["/admin/audit", f"/admin/audit?who={said}"],
        "/admin/audit/{entry}": ["/admin/audit/1", f"/admin/audit/{said}"],
        "/admin/jobs": ["/admin/jobs", f"/admin/jobs?state={said}"],
    }


def test_every_text_of_the_schema_holds_a_script(attacked: Attacked, registry: Database, watched: Watched) -> None:
    """But for what can't; so a new column is thought of here."""
    _sign_in(watched, attacked)
    without = []
    with registry.write(actor="test") as session:
        for table in Division.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, String | JSONB) or (table.name, column.name) in CHECKED:
                    continue
                held = f"SELECT bool_or({column.name}::text LIKE '%<script>%') FROM {table.name}"
                if session.execute(text(held)).scalar_one() is not True:
                    without.append((table.name, column.name))
    assert " ".join(sorted(f"{table}.{column}" for table, column in without)) == ""
    assert {"name", "address"} <= {column.name for column in Facility.__table__.columns}


def test_every_page_is_walked(attacked: Attacked) -> None:
    there = {
        route.path
        for route in _routes(attacked.service.app.routes)
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema
    }
    assert there == set(addresses(attacked))


def test_no_page_runs_what_the_registry_holds(attacked: Attacked, watched: Watched) -> None:
    page, dialogs = watched.page, list[str]()

    def hear(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    _sign_in(watched, attacked)
    shown = 0
    for path in [each for of_route in addresses(attacked).values() for each in of_route] + [f"/{MARK}alert(1)"]:
        page.goto(attacked.service.url + path)
        assert page.locator("img[onerror], script:not([src])").count() == 0, path
        shown += MARK in page.locator("body").inner_text()
    # It was there to be read.
    assert shown > 10
    _show_a_contact(attacked, watched)
    _walk_the_plan(attacked, watched)
    assert dialogs == []
    # Refusals are told by their status; a script or a style that was kept from running would be told as well.
    assert [each for each in watched.complaints if not re.search(r"status of (401|403|404|422|400)", each)] == []
    assert watched.elsewhere == []


def _show_a_contact(attacked: Attacked, watched: Watched) -> None:
    """Whole, with the form to change it and the question before it is erased."""
    page = watched.page
    page.goto(f"{attacked.service.url}/facilities/{attacked.facility}")
    page.locator(".contacts li > form button").click()
    assert MARK in page.locator(".contacts .who").inner_text()
    page.locator(".contacts summary").click()
    assert page.get_by_label("姓名").input_value() == SCRIPT
    page.locator(".contacts li a.grave").click()
    assert page.locator("img[onerror], script:not([src])").count() == 0


def _walk_the_plan(attacked: Attacked, watched: Watched) -> None:
    """What the page of gaps shows by scripts: lists, the inspector of a facility and of a point, what lies under the pointer."""
    page = watched.page
    opened(page, attacked.service, attacked.run)
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(100)
    for step in (0, 3):
        page.mouse.move(*at_step(page, step))
        page.mouse.click(*at_step(page, step))
        page.wait_for_selector("#inspector:not([hidden])")
        assert MARK in page.locator("#inspector").inner_text()
    drawn(page)
    assert page.locator("img[onerror], script:not([src])").count() == 0


def _sign_in(watched: Watched, attacked: Attacked) -> None:
    page = watched.page
    # The browser's own name is kept with its session.
    page.context.set_extra_http_headers({"User-Agent": SCRIPT})
    page.goto(f"{attacked.service.url}/sign-in")
    page.get_by_label("登录名").fill("attacker")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{attacked.service.url}/")
    page.context.set_extra_http_headers({})
