"""Every record is read, changed, made and kept in the same ways; what isn't stands here by its name, with the reason."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import pytest
from fastapi.routing import APIRoute

from api.deps import asked_moment, asked_page, asker, current_actor
from api.main import create_app
from api.once import asked_once
from api.tags import asked_if_match, shower
from geo_registry.settings import Settings
from tests.architecture.test_routes import UNSAFE, _calls, _routes


def _api() -> Iterator[APIRoute]:
    for route in _routes(create_app(Settings()).routes):
        if route.include_in_schema:
            yield route


ROUTES: Mapping[str, APIRoute] = MappingProxyType({route.name: route for route in _api()})
READS = {name for name, route in ROUTES.items() if "GET" in (route.methods or ())}
WRITES = {name for name, route in ROUTES.items() if (route.methods or set()) & UNSAFE}

NO_RECORD = {
    "get_result": "a run's answer as a file, which never changes",
    "list_standards": "the catalogue that ships with the product",
    "draft_paper": "a paper as it would be made now from a case, which is the record",
    "read_document": "a paper as it was handed in, which never changes",
    "comment_answered": "what became of what somebody said, by the number that they alone know; nothing of it is shown",
}
RECORDS = {name for name in READS if ROUTES[name].path.removesuffix(".geojson").endswith("}") and name not in NO_RECORD}
"""What shows one record: its address ends with what the record is called."""
BY_ADDRESS = {(ROUTES[name].path, method) for name in ROUTES for method in ROUTES[name].methods or ()}

OF_NOW = {
    "get_job": "the queue is worked off and swept; what a job did to records stands in their histories",
    "list_jobs": "as one job",
    "read_entry": "an entry of the audit is written once and never changed",
    "read_audit": "the audit is itself what was done until then: `since`, `until`",
    "see_contact": "people may have it erased: what they were isn't shown again (ADR 0045)",
    "list_facility_revisions": "revisions say themselves since when",
    "list_division_revisions": "as a facility's",
    "list_succession_revisions": "as a facility's",
    "list_place_revisions": "as a facility's",
    "list_place_name_revisions": "as a facility's",
    "list_built_up_area_revisions": "as a facility's",
    "list_heritage_revisions": "as a facility's",
    "list_run_revisions": "as a facility's",
    "list_user_revisions": "as a facility's",
    "list_team_revisions": "as a facility's",
    "list_token_revisions": "as a facility's",
    "list_zones": "a run's answer never changes",
    "list_points": "a run's answer never changes",
    "get_lane": "a draft on its way to a case: what became of it, the case tells; who decided what stands in the audit",
    "list_lanes": "as one lane",
    "list_wishes": "as a lane: drafts",
    "list_findings": "derived: what the last review of all names found",
    "list_cases": "a case's steps say where it stood when: each has its day, and when it was entered",
    "get_case": "as the list",
    "list_filings": "as cases",
    "list_announcements": "an announcement is published once and never changed: another one corrects it",
    "get_announcement": "as the list",
    "list_consultations": "the names that are told are those of when it opened",
    "get_consultation": "as the list",
    "list_comments": "what people said isn't changed, and what became of it is said once",
}
"""What isn't read as of a moment."""
WITHOUT_REVISIONS = {
    "get_facility_geojson": "the facility in another format",
    "get_job": OF_NOW["get_job"],
    "get_lane": OF_NOW["get_lane"],
    "read_entry": OF_NOW["read_entry"],
    "see_contact": OF_NOW["see_contact"],
    "get_case": "its steps are told with it: who, when, by which document; the rest of its history is the audit's",
    "get_announcement": OF_NOW["list_announcements"],
    "get_consultation": OF_NOW["list_consultations"],
}
NOT_RESTORED = {
    "get_user": "it would give back rights that were taken away, by another door than granting them",
    "get_team": "as an account: who is of it again has what it is granted",
    "get_token": "a token that was revoked may be known to others: it stays revoked",
    "get_succession": "it is withdrawn, and recorded anew with its evidence",
    "get_place": "what is told of it has periods of its own: it is corrected, with the reason",
    "get_place_name": "as its place: it is corrected, or taken back; a standard name came of a decision, which no restoring makes",
    "get_heritage": "that it is listed, or not, is decided by documents; what else is told of it is corrected, with the reason",
    "get_run": "what a run answered, it answered; a new one is ordered",
}
ONLY_ASK = {
    "live": "POST because what it asks is long; it writes nothing",
    "way": "as live",
}
SAY_ONE_THING = {
    "cancel_job": "a job goes on by itself while one looks at it; what can't be cancelled any more is refused by its state",
    "retry_job": "as cancelling: one that hasn't failed is refused",
    "order_review": "all names are checked anew, and nothing that a person wrote is written over",
    "open_cases_of_review": "cases are opened beside others; what waits for one is in no second",
    "add_wish": "a wish is added beside others, and changes none",
    "decide_lanes": "each decision says the version that was seen",
    "order_finding": "lanes are looked for anew, and nothing that a person decided is written over",
    "relate_places": "it adds what wasn't said, with its evidence; said again it is refused",
    "withdraw_place_relation": "a relation is withdrawn once; again is refused",
    "set_place_extent": "it adds a period; one that lies across a period that is known is refused",
    "withdraw_place_extent": "as a relation: withdrawn once, again is refused",
    "restore_place_extent": "as withdrawing: what isn't withdrawn is refused",
    "clear_finding": "a finding is cleared once: again is refused, or answered by its key",
    "file_lanes": "it opens a case, once for its key; what is filed already is refused",
    "attach_document": "a paper is added; the same one again is there once",
    "withdraw_document": "a paper is withdrawn once: again there is none",
    "clear_case_finding": "a finding is settled once: again is refused",
    "add_comment": "what somebody says is added to what others said",
    "add_heritage_evidence": "it adds a piece of evidence beside what was told before",
    "add_heritage_story": "as evidence: a story more",
    "add_heritage_picture": "as evidence: a picture more",
    "add_heritage_measure": "as evidence: a measure more",
    "withdraw_heritage_part": "what was told is withdrawn once; again is refused",
    "withdraw_clearance": "a clearance is in force or withdrawn: said again, it is so",
}
"""What changes something and isn't asked which version was seen."""


def _asks_for(name: str, what: object) -> bool:
    return what in set(_calls(ROUTES[name].dependant))


def _creates() -> set[str]:
    """What makes a record where records of its sort are listed; the record lies below."""
    shown = {ROUTES[name].path.rpartition("/")[0] for name in RECORDS}
    return {name for name in WRITES if "POST" in (ROUTES[name].methods or ()) and ROUTES[name].path in shown}


LISTS = {name for name in READS if asked_page in set(_calls(ROUTES[name].dependant))}
MADE = _creates()
CHANGED = WRITES - MADE - ONLY_ASK.keys()


def test_the_api_is_looked_at() -> None:
    assert {"get_facility", "get_division", "get_run", "get_user", "get_team", "get_token", "see_contact"} <= RECORDS
    assert {"register_facility", "order_run", "add_user", "issue_token", "record_succession"} <= MADE
    assert {"change_facility", "restore_division", "cancel_run", "grant_user", "keep_team", "revoke_token"} <= CHANGED
    assert {"list_facilities", "list_users", "list_population"} <= LISTS


@pytest.mark.parametrize("name", sorted({*RECORDS, "get_me"}))
def test_a_record_has_a_tag(name: str) -> None:
    assert _asks_for(name, shower)


@pytest.mark.parametrize("name", sorted(RECORDS | LISTS))
def test_a_record_is_read_as_of_a_moment(name: str) -> None:
    assert _asks_for(name, asked_moment) is (name not in OF_NOW)


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_records_revisions_are_listed_and_restored(name: str) -> None:
    path = ROUTES[name].path
    assert ((f"{path}/revisions", "GET") in BY_ADDRESS) is (name not in WITHOUT_REVISIONS)
    restored = (f"{path}/revisions/{{number}}/restore", "POST") in BY_ADDRESS
    assert restored is (name not in WITHOUT_REVISIONS.keys() | NOT_RESTORED.keys())


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_create_is_made_once_for_its_key(name: str) -> None:
    assert (_asks_for(name, asked_once), _asks_for(name, asked_if_match)) == (True, False)


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_a_change_says_which_version_was_seen(name: str) -> None:
    assert _asks_for(name, asked_if_match) is (name not in SAY_ONE_THING)


@pytest.mark.parametrize("name", sorted(WRITES - ONLY_ASK.keys()))
def test_whoever_writes_is_known(name: str) -> None:
    """Whose answers nobody keeps (`api.asgi.KeptByNobody`)."""
    assert _asks_for(name, current_actor)
    assert not _asks_for(name, asker)


def test_every_exception_is_one() -> None:
    """None stays behind when its route goes, or comes to be like the others."""
    exceptions: Iterable[Mapping[str, str]] = (
        NO_RECORD,
        OF_NOW,
        WITHOUT_REVISIONS,
        NOT_RESTORED,
        ONLY_ASK,
        SAY_ONE_THING,
    )
    assert {name for each in exceptions for name in each} <= ROUTES.keys()
    assert OF_NOW.keys() <= RECORDS | LISTS
    assert WITHOUT_REVISIONS.keys() | NOT_RESTORED.keys() <= RECORDS
    assert ONLY_ASK.keys() | SAY_ONE_THING.keys() <= WRITES
    assert all(reason for each in exceptions for reason in each.values())
