"""Every verb of the policy as something to do, through the service function that it names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from geo_registry import clock
from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Actor, Grant
from geo_registry.accounts.audit import EntryQuery
from geo_registry.accounts.policy import TABLE, Verb, refusal
from geo_registry.accounts.service import Holder
from geo_registry.built_up import service as built_up
from geo_registry.built_up.inputs import AreaChange, AreaEnd, NewArea
from geo_registry.cases import service as cases
from geo_registry.cases.inputs import CaseChange, CommentAnswer, LineClearing, NewCase, NewComment, TakenOver, Taking
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import CaseQuery
from geo_registry.coverage import catalogue
from geo_registry.coverage import service as coverage
from geo_registry.coverage.inputs import Question
from geo_registry.coverage.live import Scenes
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import WriteSession
from geo_registry.demo import service as demo
from geo_registry.divisions import service as divisions
from geo_registry.divisions.inputs import NewSuccession, OneOf
from geo_registry.errors import (
    CaseStepNotOpen,
    DomainError,
    JobUnknown,
    NoRoads,
    OwnerNeeded,
    RegistryNotEmpty,
    RunNotDone,
)
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.service import import_file, import_planning_data
from geo_registry.facilities import service as facilities
from geo_registry.facilities.contacts import ContactGiven
from geo_registry.facilities.inputs import FacilityChange, NewFacility, Position
from geo_registry.heritage import service as heritage
from geo_registry.heritage.inputs import (
    Delisting,
    Enlistment,
    HeritageChange,
    NewEvidence,
    NewHeritage,
    NewMeasure,
    NewPicture,
    NewStory,
)
from geo_registry.heritage.queries import HeritageQuery
from geo_registry.jobs import service as jobs
from geo_registry.network.service import build_network
from geo_registry.places import service as places
from geo_registry.places.checking import NameQuestion
from geo_registry.places.clearing import FindingQuery, NewClearance
from geo_registry.places.inputs import NameCorrection, NewName, NewPlace
from geo_registry.unnamed import service as unnamed
from geo_registry.unnamed.inputs import Decision, NewLanes, NewSearch, NewWish
from geo_registry.unnamed.queries import LaneQuery
from geo_registry.vocabulary import (
    CaseStep,
    Certainty,
    CommentOutcome,
    DatasetKind,
    DivisionChange,
    DocumentKind,
    FindingCode,
    HeritagePart,
    HeritageStatus,
    PlaceClass,
    PopulationBasis,
    Role,
    TokenScope,
    TravelMode,
)
from tests.rights.world import CHEAP, EARLIEST, FOUND, KIND, PASSWORD, PRESENT, Where, World

NO_JOB = 2**62
"""A number that no job has: who may is told so."""
CONTACT = ContactGiven(person="李明", phone="120")

A_CASE = {"kind": "naming", "title": "关于命名的申请", "approver": "government", "plan": "x", "reasons": "x"}
"""A case without names."""

TRIANGLE = {"type": "Polygon", "coordinates": [[[119.6, 29.0], [119.7, 29.0], [119.7, 29.1], [119.6, 29.0]]]}
"""A border of a built-up area, as GeoJSON."""

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
"""A picture of one pixel."""
PROPOSED: Mapping[str, str] = {"name": "后街", "kind": "old-street", "level": "city"}
BY_DOCUMENT: Mapping[str, str | bool] = {
    "listed_on": "2020-01-01",
    "document_number": "1",
    "body": "x",
    "taken_over": True,
}
RIGHTS: Mapping[str, str] = {"caption": "x", "author": "x", "licence": "x"}
MEASURED: Mapping[str, str] = {"purpose": "renaming", "measure": "x", "decided_on": "2020-01-01"}

Doing = Callable[[World, Actor, Where], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """How a verb is done to something that lies somewhere, and what it is then about.

    Attributes
    ----------
    do
        Does it, on that actor's behalf; what it changes is taken back by who calls it.
    lies
        Whether it matters where its object lies; else it is about the whole registry.
    one_kind
        Whether it is about one facility, of the kind that all are; else about every kind.
    account
        The login name of whom alone it is about; None where it isn't about an account that may be one's own.
    comes_to
        What else is refused of it here, once it is known that the actor may: what would take long isn't done.
    """

    do: Doing
    lies: bool = True
    one_kind: bool = False
    account: Callable[[World, Actor, Where], str] | None = None
    comes_to: tuple[type[DomainError], ...] = ()

    @property
    def wheres(self) -> Sequence[Where]:
        """Where it is tried."""
        return list(Where) if self.lies else [Where.OTHER]

    def tried(self, verb: Verb, world: World) -> Iterator[tuple[Actor, Where]]:
        """Everybody, everywhere; and where kinds matter, whose grants are for some, in their own county and the next one."""
        rule = TABLE[verb]
        yield from ((actor, where) for actor in world.actors.values() for where in self.wheres)
        if rule.by_kind:
            of_some_kinds = [actor for actor in world.of_some_kinds.values() if actor.grants[0].role in rule.roles]
            near = [where for where in self.wheres if where in {Where.OWN, Where.OTHER}]
            yield from ((actor, where) for actor in of_some_kinds for where in near)

    def expected(self, verb: Verb, world: World, actor: Actor, where: Where) -> str | None:
        """The code of the refusal that the table has for it; None where it is allowed."""
        refused = refusal(
            actor,
            verb,
            division=where.division if self.lies else None,
            kind=KIND if self.one_kind else None,
            account=self.account(world, actor, where) if self.account is not None else None,
        )
        return refused.code if refused is not None else None


def _in_a_session(do: Callable[[WriteSession, World, Actor, Where], object]) -> Doing:
    def doing(world: World, actor: Actor, where: Where) -> object:
        with world.database.write(actor=actor) as session:
            return do(session, world, actor, where)

    return doing


def _import(world: World, actor: Actor, where: Where) -> object:
    del where
    return import_file(world.database, ImportCommand(kind=DatasetKind.FACILITIES, path=world.file), actor=actor)


def _import_people(world: World, actor: Actor, where: Where) -> object:
    del where
    people = ImportCommand(
        kind=DatasetKind.POPULATION,
        path=world.people_file,
        basis=PopulationBasis.RESIDENT,
        as_of=date(2020, 11, 1),
    )
    return import_planning_data(world.database, people, actor=actor)


def _disable(session: WriteSession, world: World, actor: Actor, where: Where) -> None:
    accounts.disable_account(session, world.accounts[where], actor=actor)


def _enable(session: WriteSession, world: World, actor: Actor, where: Where) -> None:
    accounts.enable_account(session, world.accounts[where], actor=actor)


def _grant(session: WriteSession, world: World, actor: Actor, where: Where) -> None:
    accounts.grant_role(session, Holder(account=world.newcomer), Grant(Role.VIEWER, where.value), actor=actor)


def _end_grant(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    holder = Holder(account=world.accounts[where])
    return accounts.end_grant(session, holder, Role.VIEWER, where.value, actor=actor)


def _set_password(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    login = world.accounts[where]
    return accounts.set_password(session, login, passwords=CHEAP, actor=actor, password=PASSWORD)


def _issue(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return accounts.issue_token(session, world.accounts[where], name="x", scopes=[TokenScope.READ], days=1, actor=actor)


def _order(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    question = Question(zone=where.division)
    return coverage.order_run(session, standard=catalogue.standards()[0], question=question, actor=actor)


def _register(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    new = NewFacility(
        kind=KIND,
        name="x",
        geometry=Position(coordinates=(119.65, 29.08)),
        division=where.division,
    )
    return facilities.register_facility(session, new, actor=actor)


def _change(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    change = FacilityChange(name="另一个")
    return facilities.change_facility(session, world.facilities[where], change, seen=WHICHEVER, actor=actor)


def _restore(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return facilities.restore_facility(session, world.facilities[where], 1, seen=WHICHEVER, why="x", actor=actor)


def _restore_division(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    return divisions.restore_division(session, where.code, 1, seen=WHICHEVER, why="x", actor=actor)


def _authors(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return facilities.list_revisions_with_authors(session, world.facilities[where], Page(), actor=actor)


def _division_authors(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    return divisions.list_revisions_with_authors(session, where.code, Page(), actor=actor)


def _record_succession(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    ends = [OneOf(code=where.code, vintage=vintage) for vintage in (EARLIEST, PRESENT)]
    new = NewSuccession(
        before=ends[0], after=ends[1], change=DivisionChange.SAME, evidence="名册", certainty=Certainty.CERTAIN
    )
    return divisions.record_succession(session, new, actor=actor)


def _withdraw_succession(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return divisions.withdraw_succession(session, world.successions[where], seen=WHICHEVER, why="x", actor=actor)


def _register_place(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    new = NewPlace.model_validate({"class": "street", "name": "解放路", "division": where.division})
    return places.register_place(session, new, actor=actor)


def _add_name(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return places.add_name(session, world.places[where], NewName(name="后街"), actor=actor)


def _correct_place(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    change = NameCorrection(meaning="x", why="x")
    return places.correct_name(session, world.places[where], world.names[where], change, seen=WHICHEVER, actor=actor)


def _relate(session: WriteSession, world: World, actor: Actor, where: Where) -> None:
    places.withdraw_relation(session, world.places[where], world.relations[where], "x", actor=actor)


def _take_effect(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return places.take_effect(session, world.places[where], "解放路", clock.now().date(), actor=actor)


def _place_authors(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return places.list_revisions_with_authors(session, world.places[where], Page(), actor=actor)


def _register_area(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    new = NewArea.model_validate({"name": "城区", "geometry": TRIANGLE, "division": where.code})
    return built_up.register_area(session, new, actor=actor)


def _change_area(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    change = AreaChange(name="新区", why="x")
    return built_up.change_area(session, world.areas[where], change, seen=WHICHEVER, actor=actor)


def _end_area(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    end = AreaEnd.model_validate({"on": "2020", "why": "x"})
    return built_up.end_area(session, world.areas[where], end, seen=WHICHEVER, actor=actor)


def _restore_area(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return built_up.restore_area(session, world.areas[where], 1, seen=WHICHEVER, why="x", actor=actor)


def _area_authors(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return built_up.list_revisions_with_authors(session, world.areas[where], Page(), actor=actor)


def _list_cases(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world, where
    return cases.list_cases(session, CaseQuery(), Page(), actor=actor)


def _open_case(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    return cases.open_case(session, NewCase.model_validate({**A_CASE, "division": where.code}), actor=actor)


def taken_over(world: World, where: Where) -> Mapping[str, object]:
    """An earlier approval of a place there."""
    return {
        "kind": "naming",
        "title": "关于命名的批复",
        "division": where.code,
        "names": [{"place": str(world.places[where])}],
    }


def _take_over(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return cases.take_over(session, TakenOver.model_validate(taken_over(world, where)), actor=actor)


def _change_case(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    change = CaseChange(title="另一个标题", why="x")
    return cases.change_case(session, world.cases[where], change, seen=WHICHEVER, actor=actor)


def _attach(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    new = NewDocument(DocumentKind.OTHER, "a.pdf", b"%PDF-x")
    return cases.attach(session, world.cases[where], new, actor=actor)


def _submit(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return cases.submit(session, world.cases[where], CaseStep.SUBMIT, Taking(), seen=WHICHEVER, actor=actor)


def _taken(verb: Callable[..., object], last: CaseStep, step: CaseStep) -> Doing:
    """A step of a case that is where it can be taken, in one's own county; elsewhere of a draft, where it can't."""
    return _in_a_session(
        lambda db, world, actor, where: verb(
            db,
            world.cases_after[last] if where is Where.OWN else world.cases[where],
            step,
            Taking(),
            seen=WHICHEVER,
            actor=actor,
        )
    )


def _clear_in_case(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    settling = LineClearing(code=FindingCode.GENERIC_MISSING, reason="x")
    return cases.clear_finding(session, world.cases[where], world.lines[where], settling, actor=actor)


def _comment(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return cases.comment(session, world.consultations[where], NewComment(said="x"), actor=actor)


def _list_comments(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return cases.list_comments(session, world.consultations[where], Page(), actor=actor)


def _answer(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    answer = CommentAnswer(outcome=CommentOutcome.ADOPTED, answer="x")
    comment = world.comments[where]
    return cases.answer_comment(session, world.consultations[where], comment, answer, seen=WHICHEVER, actor=actor)


def _propose(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    new = NewHeritage.model_validate({**PROPOSED, "division": where.code})
    return heritage.propose_heritage(session, new, actor=actor)


def _change_heritage(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    change = HeritageChange(named="唐", why="x")
    return heritage.change_heritage(session, world.heritage[where], change, seen=WHICHEVER, actor=actor)


def _enlist(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    given = Enlistment.model_validate(BY_DOCUMENT)
    return heritage.enlist_heritage(session, world.proposals[where], given, seen=WHICHEVER, actor=actor)


def _delist(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    given = Delisting.model_validate({"delisted_on": "2021-01-01", "document_number": "1", "why": "x"})
    return heritage.delist_heritage(session, world.heritage[where], given, seen=WHICHEVER, actor=actor)


def _evidence(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return heritage.add_evidence(session, world.heritage[where], NewEvidence(what="x"), actor=actor)


def _story(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return heritage.add_story(session, world.heritage[where], NewStory(story="x"), actor=actor)


def _picture(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    new = NewPicture.model_validate({**RIGHTS, "content": PICTURE})
    return heritage.add_picture(session, world.heritage[where], new, actor=actor)


def _measure(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    new = NewMeasure.model_validate(MEASURED)
    return heritage.add_measure(session, world.heritage[where], new, actor=actor)


def _withdraw_part(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    story = world.stories[where]
    return heritage.withdraw_part(session, world.heritage[where], HeritagePart.STORIES, story, "x", actor=actor)


def _proposed(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world, where
    query = HeritageQuery(statuses=(HeritageStatus.PROPOSED,))
    return heritage.list_proposed(session, query, Page(), actor=actor)


def _heritage_authors(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    return heritage.list_revisions_with_authors(session, world.heritage[where], Page(), actor=actor)


def _find_lanes(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    search = NewSearch(division=where.division, roads=world.roads.key)
    return unnamed.order_finding(session, search, actor=actor)


def _add_lanes(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    line = {"type": "LineString", "coordinates": [[119.65, 29.08], [119.651, 29.08]]}
    new = NewLanes.model_validate({"features": [{"geometry": line}], "division": where.code})
    return unnamed.add_lanes(session, new, actor=actor)


def _decide_lane(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    decision = Decision(decision="drop", reason="x")
    return unnamed.decide_lane(session, world.lanes[where], decision, seen=WHICHEVER, actor=actor)


def _add_wish(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world
    return unnamed.add_wish(session, NewWish(division=where.code, name="古樟巷"), actor=actor)


def _check(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    del world, where
    return places.check_name(session, NameQuestion("中山路", PlaceClass.STREET), actor=actor)


def _clear(session: WriteSession, world: World, actor: Actor, where: Where) -> object:
    new = NewClearance(record=world.places[where], code=FOUND, reason="x")
    return places.clear_finding(session, new, actor=actor)


def _whose(world: World, actor: Actor, where: Where) -> str:
    del actor
    return world.accounts[where]


DEEDS: Mapping[Verb, Deed] = MappingProxyType(
    {
        Verb.IMPORT_FILE: Deed(_import, lies=False),
        Verb.IMPORT_PLANNING_DATA: Deed(_import_people, lies=False),
        Verb.LOAD_DEMO: Deed(
            lambda world, actor, _: demo.load(world.database, actor=actor), lies=False, comes_to=(RegistryNotEmpty,)
        ),
        Verb.CLEAR_DEMO: Deed(
            lambda world, actor, _: demo.clear(world.database, actor=actor), lies=False, comes_to=(OwnerNeeded,)
        ),
        Verb.BUILD_NETWORK: Deed(
            _in_a_session(
                lambda db, world, actor, _: build_network(db, world.folder, world.roads, TravelMode.WALK, actor=actor)
            ),
            lies=False,
            comes_to=(NoRoads,),
        ),
        Verb.ORDER_RUN: Deed(_in_a_session(_order)),
        Verb.CANCEL_RUN: Deed(
            _in_a_session(lambda db, world, actor, where: coverage.cancel_run(db, world.runs[where], actor=actor))
        ),
        Verb.TRY_EDITS: Deed(
            _in_a_session(
                lambda db, world, actor, where: coverage.try_edits(
                    db, Scenes(), world.runs[where], actor=actor, data_path=world.folder
                )
            ),
            lies=False,
            comes_to=(RunNotDone,),
        ),
        Verb.REGISTER_FACILITY: Deed(_in_a_session(_register), one_kind=True),
        Verb.CHANGE_FACILITY: Deed(_in_a_session(_change), one_kind=True),
        Verb.RESTORE_FACILITY: Deed(_in_a_session(_restore), one_kind=True),
        Verb.SEE_AUTHORS: Deed(_in_a_session(_authors), one_kind=True),
        Verb.SEE_DIVISION_AUTHORS: Deed(_in_a_session(_division_authors)),
        Verb.RECORD_SUCCESSION: Deed(_in_a_session(_record_succession)),
        Verb.WITHDRAW_SUCCESSION: Deed(_in_a_session(_withdraw_succession)),
        Verb.REGISTER_PLACE: Deed(_in_a_session(_register_place)),
        Verb.ADD_PLACE_NAME: Deed(_in_a_session(_add_name)),
        Verb.CORRECT_PLACE: Deed(_in_a_session(_correct_place)),
        Verb.RELATE_PLACES: Deed(_in_a_session(_relate)),
        Verb.ENACT_NAME: Deed(_in_a_session(_take_effect)),
        Verb.REGISTER_AREA: Deed(_in_a_session(_register_area)),
        Verb.CHANGE_AREA: Deed(_in_a_session(_change_area)),
        Verb.END_AREA: Deed(_in_a_session(_end_area)),
        Verb.RESTORE_AREA: Deed(_in_a_session(_restore_area)),
        Verb.SEE_AREA_AUTHORS: Deed(_in_a_session(_area_authors)),
        Verb.PROPOSE_HERITAGE: Deed(_in_a_session(_propose)),
        Verb.CHANGE_HERITAGE: Deed(_in_a_session(_change_heritage)),
        Verb.ENLIST_HERITAGE: Deed(_in_a_session(_enlist)),
        Verb.DELIST_HERITAGE: Deed(_in_a_session(_delist)),
        Verb.ADD_HERITAGE_EVIDENCE: Deed(_in_a_session(_evidence)),
        Verb.ADD_HERITAGE_STORY: Deed(_in_a_session(_story)),
        Verb.ADD_HERITAGE_PICTURE: Deed(_in_a_session(_picture)),
        Verb.ADD_HERITAGE_MEASURE: Deed(_in_a_session(_measure)),
        Verb.WITHDRAW_HERITAGE_PART: Deed(_in_a_session(_withdraw_part)),
        Verb.LIST_PROPOSED: Deed(_in_a_session(_proposed), lies=False),
        Verb.SEE_HERITAGE_AUTHORS: Deed(_in_a_session(_heritage_authors)),
        Verb.FIND_LANES: Deed(_in_a_session(_find_lanes)),
        Verb.LIST_LANES: Deed(
            _in_a_session(lambda db, _, actor, __: unnamed.list_lanes(db, LaneQuery(), Page(), actor=actor)), lies=False
        ),
        Verb.ADD_LANES: Deed(_in_a_session(_add_lanes)),
        Verb.DECIDE_LANES: Deed(_in_a_session(_decide_lane)),
        Verb.ADD_WISH: Deed(_in_a_session(_add_wish)),
        Verb.SEE_PLACE_AUTHORS: Deed(_in_a_session(_place_authors)),
        Verb.LIST_CASES: Deed(_in_a_session(_list_cases), lies=False),
        Verb.OPEN_CASE: Deed(_in_a_session(_open_case)),
        Verb.TAKE_OVER_CASE: Deed(_in_a_session(_take_over)),
        Verb.CHANGE_CASE: Deed(_in_a_session(_change_case)),
        Verb.ATTACH_DOCUMENT: Deed(_in_a_session(_attach)),
        Verb.SUBMIT_CASE: Deed(_in_a_session(_submit)),
        Verb.HANDLE_CASE: Deed(_taken(cases.handle, CaseStep.SUBMIT, CaseStep.CHECK), comes_to=(CaseStepNotOpen,)),
        Verb.SIGN_CASE: Deed(_taken(cases.sign, CaseStep.REVIEW, CaseStep.SIGN), comes_to=(CaseStepNotOpen,)),
        Verb.DECIDE_CASE: Deed(_taken(cases.decide, CaseStep.SIGN, CaseStep.APPROVE), comes_to=(CaseStepNotOpen,)),
        Verb.FOLLOW_UP_CASE: Deed(
            _taken(cases.follow_up, CaseStep.APPROVE, CaseStep.FILE), comes_to=(CaseStepNotOpen,)
        ),
        Verb.CLEAR_CASE_FINDING: Deed(_in_a_session(_clear_in_case)),
        Verb.COMMENT: Deed(_in_a_session(_comment), lies=False),
        Verb.LIST_COMMENTS: Deed(_in_a_session(_list_comments)),
        Verb.ANSWER_COMMENT: Deed(_in_a_session(_answer)),
        Verb.CHECK_NAME: Deed(_in_a_session(_check), lies=False),
        Verb.LIST_FINDINGS: Deed(
            _in_a_session(lambda db, _, actor, __: places.list_findings(db, FindingQuery(), Page(), actor=actor)),
            lies=False,
        ),
        Verb.REVIEW_NAMES: Deed(
            _in_a_session(lambda db, _, actor, __: places.order_review(db, actor=actor)), lies=False
        ),
        Verb.CLEAR_FINDING: Deed(_in_a_session(_clear)),
        Verb.RESTORE_DIVISION: Deed(_in_a_session(_restore_division)),
        Verb.SEE_RUN_AUTHORS: Deed(
            _in_a_session(
                lambda db, world, actor, where: coverage.list_revisions_with_authors(
                    db, world.runs[where], Page(), actor=actor
                )
            )
        ),
        Verb.LIST_ACCOUNTS: Deed(
            _in_a_session(lambda db, _, actor, __: accounts.list_accounts(db, actor=actor)), lies=False
        ),
        Verb.ADD_ACCOUNT: Deed(
            _in_a_session(
                lambda db, _, actor, __: accounts.add_account(
                    db, login="li.ming", display_name="李明", passwords=CHEAP, actor=actor
                )
            ),
            lies=False,
        ),
        Verb.DISABLE_ACCOUNT: Deed(_in_a_session(_disable)),
        Verb.ENABLE_ACCOUNT: Deed(_in_a_session(_enable)),
        Verb.SET_PASSWORD: Deed(_in_a_session(_set_password)),
        Verb.CHANGE_PASSWORD: Deed(
            _in_a_session(
                lambda db, _, actor, __: accounts.change_password(
                    db, present=PASSWORD, new=f"{PASSWORD} either", passwords=CHEAP, actor=actor
                )
            ),
            lies=False,
            account=lambda _, actor, __: actor.name,
        ),
        Verb.GRANT_ROLE: Deed(_in_a_session(_grant)),
        Verb.END_GRANT: Deed(_in_a_session(_end_grant)),
        Verb.KEEP_TEAM: Deed(
            _in_a_session(
                lambda db, world, actor, _: accounts.keep_team(
                    db, "city", name="市民政局", join=[world.newcomer], actor=actor
                )
            ),
            lies=False,
        ),
        Verb.LIST_TEAMS: Deed(_in_a_session(lambda db, _, actor, __: accounts.list_teams(db, actor=actor)), lies=False),
        Verb.LIST_JOBS: Deed(
            _in_a_session(lambda db, _, actor, __: jobs.list_jobs(db, Page(), actor=actor)), lies=False
        ),
        Verb.CANCEL_JOB: Deed(
            lambda world, actor, _: jobs.cancel_job(world.database, NO_JOB, actor=actor),
            lies=False,
            comes_to=(JobUnknown,),
        ),
        Verb.RETRY_JOB: Deed(
            lambda world, actor, _: jobs.retry_job(world.database, NO_JOB, actor=actor),
            lies=False,
            comes_to=(JobUnknown,),
        ),
        Verb.LIST_TOKENS: Deed(
            _in_a_session(lambda db, world, actor, where: accounts.list_tokens(db, world.accounts[where], actor=actor)),
            account=_whose,
        ),
        Verb.READ_AUDIT: Deed(
            _in_a_session(lambda db, _, actor, __: accounts.read_audit(db, EntryQuery(), Page(limit=1), actor=actor)),
            lies=False,
        ),
        Verb.LIST_CONTACTS: Deed(
            _in_a_session(
                lambda db, world, actor, where: facilities.list_contacts(db, world.facilities[where], actor=actor)
            )
        ),
        Verb.SEE_CONTACT: Deed(
            _in_a_session(
                lambda db, world, actor, where: facilities.see_contact(
                    db, world.facilities[where], world.contacts[where], actor=actor
                )
            ),
            one_kind=True,
        ),
        Verb.SET_CONTACT: Deed(
            _in_a_session(
                lambda db, world, actor, where: facilities.set_contact(
                    db, world.facilities[where], world.contacts[where], CONTACT, seen=WHICHEVER, actor=actor
                )
            ),
            one_kind=True,
        ),
        Verb.ERASE_CONTACT: Deed(
            _in_a_session(
                lambda db, world, actor, where: facilities.erase_contact(
                    db, world.facilities[where], world.contacts[where], seen=WHICHEVER, actor=actor
                )
            ),
            one_kind=True,
        ),
        Verb.ISSUE_TOKEN: Deed(_in_a_session(_issue), account=_whose),
        Verb.REVOKE_TOKEN: Deed(
            _in_a_session(lambda db, world, actor, where: accounts.revoke_token(db, world.tokens[where], actor=actor)),
            account=_whose,
        ),
    }
)
