"""Two counties and a city above them: people with every role, their tokens, and something of each kind to lay hands on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select, text

from geo_registry import clock
from geo_registry.accounts import keys, queries
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor, Grant, Known, anonymous
from geo_registry.accounts.passwords import Passwords
from geo_registry.accounts.policy import TABLE
from geo_registry.cases import service as cases
from geo_registry.cases.announced import Announced
from geo_registry.cases.announcing import as_content
from geo_registry.cases.inputs import Announcing, Consulting, NewCase, Taking
from geo_registry.cases.service import CaseTold
from geo_registry.coverage import catalogue
from geo_registry.coverage.inputs import Question
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import WriteSession, sign
from geo_registry.jobs import queue
from geo_registry.model import (
    Account,
    Announcement,
    ApiToken,
    ApiTokenSecret,
    BuiltUpArea,
    CaseDocument,
    CaseName,
    Consultation,
    ConsultationComment,
    CoverageRun,
    Dataset,
    Division,
    DivisionSuccession,
    DocumentContent,
    Facility,
    FacilityContact,
    FindingClearance,
    Heritage,
    HeritageEvidence,
    HeritageStory,
    NameFinding,
    NameReview,
    NamingCase,
    Place,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
    RoleGrant,
    Team,
    TeamMember,
    UnnamedLane,
)
from geo_registry.places.rules.findings import LAW
from geo_registry.settings import get_settings
from geo_registry.vocabulary import (
    AccountState,
    CaseStep,
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    FindingCode,
    HeritageKind,
    HeritageLevel,
    HeritageStatus,
    JobState,
    Named,
    NameKind,
    PlaceRelationKind,
    Role,
    Severity,
    TokenScope,
    Word,
)
from tests.conftest import RolledBackDatabase
from tests.factories import make_account, make_dataset, make_division, make_facility, make_place, operator

PASSWORD = "four words that nobody guesses"
CHEAP = Passwords(memory_mb=8, passes=1)


class Where(Word):
    """Whose division something lies in, seen from the county that people are granted their roles in."""

    OWN = "330702", "本区", "one's own"
    OTHER = "330703", "邻区", "the next county"
    CITY = "3307", "全市", "the city that both lie in"
    WHOLE = WHOLE_REGISTRY, "全部", "the whole registry"

    @property
    def division(self) -> str | None:
        """As the policy is asked for it."""
        return self.value or None

    @property
    def code(self) -> str:
        """The whole code of it, or of the province, which lies in no county and no city of anybody's."""
        return (self.value or PROVINCE).ljust(12, "0")


FAR = (100.0, 20.0, 100.1, 20.1)
"""Where the divisions lie, in degrees: nothing that is registered by its position lies in them."""
AREA = "SRID=4490;MULTIPOLYGON(((119.6 29,119.7 29,119.7 29.1,119.6 29)))"
"""Where the built-up areas lie."""

LANE = "SRID=4490;LINESTRING(100.05 20.05,100.051 20.05)"
"""Where the lanes without a name lie: in the divisions, as what a case is to name has to."""

FOUND = FindingCode.BRAND
"""What was found of each place."""

KIND, ANOTHER_KIND = FacilityKind.HOME_CARE_CENTRE, FacilityKind.CEMETERY
"""What every facility is, and what none is."""

PROVINCE = "33"
"""What divisions have that are in no county."""

EARLIEST, EARLIER, PRESENT = 2017, 2018, 2023
"""The years of the lists of divisions."""

ROLES = tuple(role for role in Role if role is not Role.PUBLIC)

OF_EVERYTHING = "-of-everything"
"""How those are called whose grants are for the whole registry."""

OF_THE_CITY = "-of-the-city"
"""Of whom they are for all of it."""

BY_KIND = tuple(role for role in ROLES if any(rule.by_kind and role in rule.roles for rule in TABLE.values()))
"""Whose grants may be for some kinds, so that it matters."""

PEOPLE: Mapping[str, tuple[Grant, ...]] = MappingProxyType(
    {
        "granted-nothing": (),
        **{f"{role.value}-of-the-county": (Grant(role, Where.OWN.value),) for role in ROLES},
        **{f"{role.value}{OF_THE_CITY}": (Grant(role, Where.CITY.value),) for role in ROLES},
        **{f"{role.value}{OF_EVERYTHING}": (Grant(role),) for role in ROLES},
    }
)
"""By login name. Besides, there is whoever isn't signed in."""

OF_SOME_KINDS: Mapping[str, tuple[Grant, ...]] = MappingProxyType(
    {
        f"{role.value}-of-{named}": (Grant(role, Where.OWN.value, kinds=frozenset({kind})),)
        for role in BY_KIND
        for named, kind in (("its-kind", KIND), ("another-kind", ANOTHER_KIND))
    }
)
"""Those whose grants are for some kinds of facility: tried where kinds matter."""

WITH_TOKENS = ("admin-of-the-county", "signer-of-the-county")
"""Who has a token for each purpose alone, and one for all: one of them may whatever anybody may, in their own county."""

LIVE = (*(frozenset({scope}) for scope in TokenScope), frozenset(TokenScope))
DEAD = ("expired", "revoked", "of-a-disabled-account", "made-up")

NOBODY = "anonymous"

TASK_OF_ANOTHER = "of.another"
"""A task of another version of the product: no room is told what becomes of it."""

FAIL = text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :job")


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program with a token: the actor whom it makes, the token itself."""

    actor: Actor
    secret: str


@dataclass(frozen=True, slots=True)
class World:
    """What is there, by where it lies: accounts by login name, teams by key, the rest by id; a team's member is the account."""

    database: RolledBackDatabase
    folder: Path
    actors: Mapping[str, Actor]
    of_some_kinds: Mapping[str, Actor]
    bearers: Mapping[str, Bearer]
    dead_tokens: Mapping[str, str]
    """Tokens that are no good any more, by why."""
    accounts: Mapping[Where, str]
    disabled: Mapping[Where, str]
    teams: Mapping[Where, str]
    tokens: Mapping[Where, UUID]
    runs: Mapping[Where, UUID]
    facilities: Mapping[Where, UUID]
    contacts: Mapping[Where, UUID]
    successions: Mapping[Where, UUID]
    """Of a division of the list of 2018 to the same one of 2023."""
    places: Mapping[Where, UUID]
    names: Mapping[Where, UUID]
    relations: Mapping[Where, UUID]
    extents: Mapping[Where, UUID]
    withdrawn_extents: Mapping[Where, UUID]
    areas: Mapping[Where, UUID]
    cases: Mapping[Where, UUID]
    """Drafts, each with a name and a document."""
    lines: Mapping[Where, UUID]
    documents: Mapping[Where, UUID]
    consultations: Mapping[Where, UUID]
    comments: Mapping[Where, UUID]
    announcements: Mapping[Where, UUID]
    cases_after: Mapping[CaseStep, UUID]
    """Of one's own county, by the step that was taken last."""
    approved_line: UUID
    """The name of the one that was approved last."""
    lanes: Mapping[Where, UUID]
    clearances: Mapping[Where, UUID]
    heritage: Mapping[Where, UUID]
    """Names that are listed."""
    proposals: Mapping[Where, UUID]
    """Names that are proposed, with evidence."""
    stories: Mapping[Where, UUID]
    """Of the listed ones."""
    roads: Dataset
    newcomer: str
    jobs: Mapping[JobState, int]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done meanwhile never was, committed or not."""
        with self.database.connection.begin_nested() as tried:
            yield
            tried.rollback()

    @property
    def file(self) -> Path:
        """A file with a facility of the next county."""
        return self.folder / "facilities.csv"

    @property
    def people_file(self) -> Path:
        """A file with people of the next county."""
        return self.folder / "people.csv"


def make_world(database: RolledBackDatabase, folder: Path) -> World:
    """All of it, in the test's own transaction."""
    with database.write(actor="test") as session:
        facilities = {Where.WHOLE: make_facility(session, KIND)}
        places = {Where.WHOLE: make_place(session, place_class="street", standard_name="中山路")}
        province = make_division(session, f"{PROVINCE}0000000000", level=DivisionLevel.PROVINCE, box=FAR)
        divisions = [province]
        successions = {Where.WHOLE: _succession(session, province)}
        for where, level in LEVELS.items():
            division = make_division(session, where.code, level=level, box=FAR)
            divisions.append(division)
            successions[where] = _succession(session, division)
            facilities[where] = make_facility(session, KIND, division_id=division.id)
            places[where] = make_place(session, place_class="street", standard_name="中山路", division_id=division.id)
        # So that there is an older revision of each.
        renamed: Sequence[Facility | Division] = (*facilities.values(), *divisions)
        for record in renamed:
            record.name += "改"
        session.flush()
        contacts = _contacts(session, facilities)
        names, relations, extents, withdrawn_extents = _told_of(session, places)
        areas = _areas(session, places)
        of_cases = _cases(session, {where: _division_id(session, where) for where in Where})
        cases_after = _cases_after(session)
        roads = make_dataset(session, DatasetKind.ROADS)
        for login, grants in {**PEOPLE, **OF_SOME_KINDS}.items():
            make_account(session, login, *grants, password=PASSWORD, passwords=CHEAP)
        accounts = {where: f"somebody-{where.value or 'everywhere'}" for where in Where}
        disabled = {where: f"disabled-{where.value or 'everywhere'}" for where in Where}
        for where, login in disabled.items():
            make_account(session, login, Grant(Role.VIEWER, where.value)).state = AccountState.DISABLED.value
        teams, tokens = {}, {}
        for where, login in accounts.items():
            account = make_account(session, login, Grant(Role.VIEWER, where.value))
            teams[where] = _team(session, where, account)
            token = ApiToken(account_id=account.id, name="x", scopes=["read"], expires_at=clock.now())
            session.add(token)
            session.flush()
            session.add(ApiTokenSecret(token_id=token.id, digest=token.id.bytes * 2))
            tokens[where] = token.id
        runs = {where: _run(session, where) for where in Where}
        clearances = _find(session, {where: place.id for where, place in places.items()})
        make_account(session, "newcomer")
        office = Team(key="office", name="民政局")
        session.add(office)
        session.flush()
        session.add_all(
            RoleGrant(team_id=office.id, role=Role.VIEWER.value, division=where.value, valid_from=clock.now())
            for where in Where
        )
        jobs = {state: queue.defer(session, TASK_OF_ANOTHER) for state in (JobState.QUEUED, JobState.FAILED)}
        session.execute(FAIL, {"job": jobs[JobState.FAILED]})
        actors = {NOBODY: anonymous()} | {login: _actor(session, login) for login in PEOPLE}
        bearers = {
            f"{login} by a token for {' '.join(sorted(scopes))}": _bearer(session, actors[login], scopes)
            for login in WITH_TOKENS
            for scopes in LIVE
        }
        world = World(
            database,
            folder,
            actors,
            {login: _actor(session, login) for login in OF_SOME_KINDS},
            bearers,
            _dead_tokens(session, actors["admin-of-the-county"], disabled[Where.OWN]),
            accounts,
            disabled,
            teams,
            tokens,
            runs,
            {where: each.id for where, each in facilities.items()},
            {where: each.id for where, each in contacts.items()},
            successions,
            {where: each.id for where, each in places.items()},
            {where: each.id for where, each in names.items()},
            {where: each.id for where, each in relations.items()},
            {where: each.id for where, each in extents.items()},
            {where: each.id for where, each in withdrawn_extents.items()},
            {where: each.id for where, each in areas.items()},
            *of_cases,
            cases_after,
            _line_of(session, cases_after[CaseStep.APPROVE]),
            {where: each.id for where, each in _lanes(session, places).items()},
            clearances,
            *_heritage(session, places),
            roads,
            "newcomer",
            jobs,
        )
    world.file.write_text(
        f"source_id,kind,name,lon,lat,division\n1,cemetery,x,119.65,29.08,{Where.OTHER.value}000000\n", encoding="utf-8"
    )
    world.people_file.write_text(
        f"source_id,人口,lon,lat,division\n1,7,119.65,29.08,{Where.OTHER.value}000000\n", encoding="utf-8"
    )
    return world


def _told_of(
    session: WriteSession, places: Mapping[Where, Place]
) -> tuple[
    Mapping[Where, PlaceName], Mapping[Where, PlaceRelation], Mapping[Where, PlaceExtent], Mapping[Where, PlaceExtent]
]:
    """Of each place a former name, a relation, an extent, and one that is withdrawn."""
    names = {
        where: PlaceName(place_id=place.id, name="府前街", kind=NameKind.FORMER.value)
        for where, place in places.items()
    }
    session.add_all(names.values())
    river = make_place(session, place_class="river", standard_name="中山河")
    relations = {
        where: PlaceRelation(
            place_id=place.id, other_id=river.id, kind=PlaceRelationKind.NAMED_AFTER.value, evidence="县志"
        )
        for where, place in places.items()
    }
    extents, withdrawn_extents = (
        {where: _extent(place, **over) for where, place in places.items()}
        for over in (
            {"valid_to": date(2000, 1, 1)},
            {"valid_from": date(2000, 1, 1), "valid_to": date(2010, 1, 1), "withdrawn": True},
        )
    )
    session.add_all([*relations.values(), *extents.values(), *withdrawn_extents.values()])
    return names, relations, extents, withdrawn_extents


def _extent(place: Place, **over: object) -> PlaceExtent:
    return PlaceExtent(place_id=place.id, geom="SRID=4490;POINT(119.65 29.08)", **over)


def _contacts(session: WriteSession, facilities: Mapping[Where, Facility]) -> Mapping[Where, FacilityContact]:
    """Somebody to call at each facility."""
    contacts = {
        where: FacilityContact(facility_id=facility.id, person="王小明", phone="110")
        for where, facility in facilities.items()
    }
    session.add_all(contacts.values())
    return contacts


def _areas(session: WriteSession, places: Mapping[Where, Place]) -> Mapping[Where, BuiltUpArea]:
    """A built-up area where each place lies, with an older revision."""
    areas = {
        where: BuiltUpArea(
            key=f"area-{where.value or 'everywhere'}", name="城区", geom=AREA, division_id=place.division_id
        )
        for where, place in places.items()
    }
    session.add_all(areas.values())
    session.flush()
    for area in areas.values():
        area.name += "改"
    session.flush()
    return areas


def _division_id(session: WriteSession, where: Where) -> UUID:
    present = select(Division.id).where(Division.code == where.code, Division.vintage == PRESENT)
    return session.scalars(present).one()


ByWhere = Mapping[Where, UUID]
OfCases = tuple[ByWhere, ByWhere, ByWhere, ByWhere, ByWhere, ByWhere]

STEPS: Mapping[CaseStep, tuple[Callable[..., CaseTold], Taking]] = MappingProxyType(
    {
        CaseStep.SUBMIT: (cases.submit, Taking()),
        CaseStep.CHECK: (cases.handle, Taking()),
        CaseStep.CONSULT: (cases.handle, Consulting(until=clock.today(get_settings().zone))),
        CaseStep.HANDLE: (cases.handle, Taking()),
        CaseStep.REVIEW: (cases.sign, Taking()),
        CaseStep.SIGN: (cases.sign, Taking()),
        CaseStep.APPROVE: (cases.decide, Taking()),
        CaseStep.FILE: (cases.follow_up, Taking()),
        CaseStep.ANNOUNCE: (cases.follow_up, Announcing()),
    }
)
"""How a case comes along, each step after the one before; not all of them ask the public."""


def _cases_after(session: WriteSession) -> Mapping[CaseStep, UUID]:
    """A case for each step, which was taken last."""
    return {
        step: _case_after(session, step, f"仙源{name}路")
        for step, name in zip(STEPS, "湖山塘桥亭园溪田林", strict=True)
    }


def _case_after(session: WriteSession, last: CaseStep, name: str) -> UUID:
    author, signer = operator("author"), operator("signer")
    line = {"name": name, "class": "street", "detail": {"begins_at": "甲路", "ends_at": "乙路"}}
    new = {"kind": "naming", "title": name, "plan": "x", "reasons": "x", "names": [line], "division": Where.OWN.code}
    sign(session, actor=author)
    case = cases.open_case(session, NewCase.model_validate(new), actor=author).case.id
    for step, (verb, taking) in STEPS.items():
        if step is not CaseStep.CONSULT or step is last:
            actor = author if verb is cases.handle else signer
            sign(session, actor=actor)
            verb(session, case, step, taking, seen=WHICHEVER, actor=actor)
        if step is last:
            break
    sign(session, actor="test")
    return case


def _line_of(session: WriteSession, case: UUID) -> UUID:
    return cases.tell_case(session, case, actor=operator("author")).lines[0].id


def _cases(session: WriteSession, divisions: Mapping[Where, UUID]) -> OfCases:
    """Of each division a case with names, a document, a consultation with a comment, an announcement; by their ids.

    The first name lacks its generic part.
    """
    made: tuple[dict[Where, UUID], ...] = tuple({} for _ in range(6))
    for where, division in divisions.items():
        case = NamingCase(
            number=f"{where.value or PROVINCE}-2026-0001",
            kind="naming",
            title="关于命名的申请",
            division_id=division,
            approver="government",
            plan="x",
            reasons="x",
        )
        session.add(case)
        session.flush()
        line, another = (
            CaseName(case_id=case.id, position=position, action="name", name=name, place_class="street")
            for position, name in enumerate(("大仙一", "仙源湖路"), start=1)
        )
        document = CaseDocument(
            case_id=case.id,
            kind="plan",
            title="x",
            file_name="x.pdf",
            media_type="application/pdf",
            bytes=1,
            sha256="0" * 64,
        )
        today = clock.today(get_settings().zone)
        consultation = Consultation(
            case_id=case.id, kind="notice", title="x", names=[], division_id=division, opened_on=today, closes_on=today
        )
        said = Announced(title="公告", office="民政局", names=[])
        announcement = Announcement(
            case_id=case.id,
            title="公告",
            office="民政局",
            published_on=today,
            division_id=division,
            content=as_content(said),
        )
        session.add_all((line, another, document, consultation, announcement))
        session.flush()
        comment = ConsultationComment(
            consultation_id=consultation.id,
            number=str(len(made[0])).rjust(10, "0"),
            said="x",
            person="张三",
            reach="110",
        )
        session.add_all((DocumentContent(id=document.id, content=b"%PDF-"), comment))
        session.flush()
        ids = (case.id, line.id, document.id, consultation.id, comment.id, announcement.id)
        for kept, each in zip(made, ids, strict=True):
            kept[where] = each
    cases_, lines, documents, consultations, comments, announcements = made
    return cases_, lines, documents, consultations, comments, announcements


def _heritage(
    session: WriteSession, places: Mapping[Where, Place]
) -> tuple[Mapping[Where, UUID], Mapping[Where, UUID], Mapping[Where, UUID]]:
    """A name that is listed, one that is proposed, and a story of the former where each place lies."""
    told = {"kind": HeritageKind.OLD_STREET.value, "level": HeritageLevel.CITY.value}
    by = {"status": HeritageStatus.LISTED.value, "listed_on": date(2020, 1, 1), "document_number": "1", "body": "x"}
    listed = {
        where: Heritage(name="酒坊巷", division_id=place.division_id, **told, **by) for where, place in places.items()
    }
    proposed = {
        where: Heritage(name="旧市巷", division_id=place.division_id, **told) for where, place in places.items()
    }
    session.add_all([*listed.values(), *proposed.values()])
    session.flush()
    stories = {where: HeritageStory(heritage_id=each.id, story="x") for where, each in listed.items()}
    session.add_all(
        [*stories.values(), *(HeritageEvidence(heritage_id=each.id, what="x") for each in proposed.values())]
    )
    session.flush()
    first, second, third = ({where: each.id for where, each in rows.items()} for rows in (listed, proposed, stories))
    return first, second, third


def _lanes(session: WriteSession, places: Mapping[Where, Place]) -> Mapping[Where, UnnamedLane]:
    """A lane without a name in the division of each place; one is proposed for it."""
    nowhere = {"at": "nowhere"}
    lanes = {
        where: UnnamedLane(
            origin="drawn",
            division_id=place.division_id,
            geom=LANE,
            length_m=100.0,
            begins=nowhere,
            ends=nowhere,
            status="proposed",
            proposed_name="塘南路",
        )
        for where, place in places.items()
    }
    session.add_all(lanes.values())
    session.flush()
    return lanes


LEVELS = {
    Where.OWN: DivisionLevel.COUNTY,
    Where.OTHER: DivisionLevel.COUNTY,
    Where.CITY: DivisionLevel.CITY,
}
"""What divisions there are, but for the province."""


def _succession(session: WriteSession, division: Division) -> UUID:
    earlier = make_division(session, division.code, level=DivisionLevel.of(division.level), vintage=EARLIER)
    succession = DivisionSuccession(
        before_id=earlier.id, after_id=division.id, change="same", evidence="名册", certainty="certain"
    )
    session.add(succession)
    # Another list, of which nothing is recorded yet.
    make_division(session, division.code, level=DivisionLevel.of(division.level), vintage=EARLIEST)
    session.flush()
    return succession.id


def _team(session: WriteSession, where: Where, *members: Account) -> str:
    team = Team(key=f"people-{where.value or 'everywhere'}", name="x")
    session.add(team)
    session.flush()
    session.add_all(TeamMember(team_id=team.id, account_id=each.id) for each in members)
    session.flush()
    return team.key


def _run(session: WriteSession, where: Where) -> UUID:
    question = Question(zone=where.division).model_dump(mode="json")
    standard = catalogue.standards()[0].model_dump(mode="json")
    run = CoverageRun(state="queued", standard=standard, question=question, actor="test")
    session.add(run)
    session.flush()
    return run.id


def _actor(session: WriteSession, login: str) -> Actor:
    """Somebody as they are known when they are signed in."""
    account = queries.account_of(session, login).id
    grants = queries.grants_of(session, [account])[account]
    return Actor(name=login, known=Known.BY_SESSION, account=account, grants=grants, at=clock.now())


def _find(session: WriteSession, places: Mapping[Where, UUID]) -> Mapping[Where, UUID]:
    """A finding about each place, as a review leaves it, and another that is cleared."""
    review = NameReview(names=len(places), findings=len(places), seconds=0, ordered_by="test")
    session.add(review)
    session.flush()
    for where, place in places.items():
        session.add(
            NameFinding(
                review_id=review.id,
                type=Named.PLACE.value,
                record_id=place,
                name="中山路",
                kind="street",
                division_code=where.code if where.value else None,
                code=FOUND.value,
                severity=Severity.WARNING.value,
                basis={"law": LAW, "article": 9, "item": 6},
                details={"found": "中山"},
            )
        )
    session.flush()
    cleared = {
        where: FindingClearance(place_id=place, name="中山路", code=FindingCode.PERSON.value, reason="x")
        for where, place in places.items()
    }
    session.add_all(cleared.values())
    session.flush()
    return {where: each.id for where, each in cleared.items()}


def _bearer(session: WriteSession, actor: Actor, scopes: frozenset[TokenScope]) -> Bearer:
    assert actor.account is not None
    secret = _token(session, actor.account, scopes)
    return Bearer(replace(actor, known=Known.BY_TOKEN, scopes=scopes), secret)


def _dead_tokens(session: WriteSession, actor: Actor, disabled: str) -> Mapping[str, str]:
    """Each for everything, so that nothing but its end is wrong with it."""
    assert actor.account is not None
    now, every = clock.now(), frozenset(TokenScope)
    found = (
        _token(session, actor.account, every, expires_at=now),
        _token(session, actor.account, every, revoked_at=now),
        _token(session, queries.account_of(session, disabled).id, every),
        keys.new_token(),
    )
    return dict(zip(DEAD, found, strict=True))


def _token(session: WriteSession, account: UUID, scopes: frozenset[TokenScope], **over: object) -> str:
    values = {"expires_at": clock.now() + timedelta(days=1)} | over
    token = ApiToken(account_id=account, name="x", scopes=sorted(scope.value for scope in scopes), **values)
    session.add(token)
    session.flush()
    secret = keys.new_token()
    session.add(ApiTokenSecret(token_id=token.id, digest=keys.digest_of(secret)))
    session.flush()
    return secret
