"""Every route: whether everybody may ask it, whoever is signed in, or whom the policy's table lets."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo_registry.accounts.actors import Actor, Known
from geo_registry.accounts.policy import Verb
from geo_registry.vocabulary import CaseStep, JobState
from tests.rights.deeds import A_CASE, BY_DOCUMENT, DEEDS, MEASURED, PICTURE, PROPOSED, RIGHTS, TRIANGLE, taken_over
from tests.rights.world import (
    EARLIER,
    EARLIEST,
    FAR,
    FOUND,
    KIND,
    OF_EVERYTHING,
    OF_THE_CITY,
    PASSWORD,
    PRESENT,
    Where,
    World,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    path: str
    method: str = "GET"
    json: object = None
    form: Mapping[str, str] | None = None
    """Its fields, but for the token that whoever sends it puts in."""
    file: bytes | None = None
    """What its field `file` uploads."""
    file_name: str = "x.pdf"

    @property
    def files(self) -> Mapping[str, tuple[str, bytes]] | None:
        """As the client sends it."""
        return {"file": (self.file_name, self.file)} if self.file is not None else None


Asking = Callable[[World, Where], Request]


@dataclass(frozen=True, slots=True)
class Everybody:
    """A route that refuses nobody for who they are."""

    request: Asking
    looks: bool = True
    """Whether it finds out who asks, so that a token which is no good is refused."""

    def tried(self, world: World) -> Iterator[tuple[Actor, Where]]:
        """Whoever has any role; where doesn't matter."""
        elsewhere = (OF_EVERYTHING, OF_THE_CITY)
        return ((actor, Where.OTHER) for name, actor in world.actors.items() if not name.endswith(elsewhere))

    def expected(self, world: World, actor: Actor, where: Where) -> str | None:
        """No refusal."""
        del world, actor, where
        return None


@dataclass(frozen=True, slots=True)
class WhoeverIsSignedIn(Everybody):
    """A page about whoever asks: others are sent to sign in."""


NEAR = frozenset({Where.OWN, Where.OTHER})


@dataclass(frozen=True, slots=True)
class Allowed:
    """A route that does a verb."""

    verb: Verb
    request: Asking
    also: frozenset[Verb] = frozenset()
    """What it asks for besides, to show what is there then; whoever may the first may these."""

    def tried(self, world: World) -> Iterator[tuple[Actor, Where]]:
        """Everybody, in their own county and the next one: the verb itself is tried in the city and the whole registry too."""
        return (each for each in DEEDS[self.verb].tried(self.verb, world) if each[1] in NEAR)

    def expected(self, world: World, actor: Actor, where: Where) -> str | None:
        """The code of the refusal that the table has for it; None where it is allowed."""
        return DEEDS[self.verb].expected(self.verb, world, actor, where)


@dataclass(frozen=True, slots=True)
class AllowedPage(Allowed):
    """A page of one: whoever isn't signed in is sent to do so."""

    def expected(self, world: World, actor: Actor, where: Where) -> str | None:
        """As the table has it, of whoever is known."""
        return DEEDS[self.verb].expected(self.verb, world, actor, where) if actor.known is not Known.NOT else None


Row = Everybody | Allowed


def _page(path: str) -> Asking:
    return lambda _, __: Request(path)


def _of_a_run(path: str) -> Asking:
    return lambda world, where: Request(f"/api/v1/coverage/runs/{world.runs[where]}{path}")


def _order(_: World, where: Where) -> Request:
    body = {"standard": "care-circle-15min"} | ({"zone": where.value} if where.value else {})
    return Request("/api/v1/coverage/runs", "POST", body)


def _cancel(world: World, where: Where) -> Request:
    return Request(f"/api/v1/coverage/runs/{world.runs[where]}/cancel", "POST")


def _live(world: World, where: Where) -> Request:
    return Request("/api/v1/coverage/live", "POST", {"run": str(world.runs[where]), "edits": []})


def _way(world: World, where: Where) -> Request:
    return Request("/api/v1/coverage/live/way", "POST", {"run": str(world.runs[where]), "edits": [], "point": 1})


def _user(path: str, method: str = "POST", json: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/users/{world.accounts[where]}{path}", method, json)


def _newcomer(json: Mapping[str, object]) -> Asking:
    return lambda world, where: Request(
        f"/api/v1/users/{world.newcomer}/grants", "POST", {**json, "division": where.division}
    )


def _ended(world: World, where: Where) -> Mapping[str, object]:
    del world
    return {"role": "viewer", "division": where.division}


def _user_form(path: str) -> Asking:
    return lambda world, where: Request(f"/admin/users/{world.accounts[where]}{path}", "POST", form={})


def _disabled(users: str, form: Mapping[str, str] | None) -> Asking:
    return lambda world, where: Request(f"{users}/{world.disabled[where]}/enable", "POST", form=form)


def _job(path: str, state: JobState, form: Mapping[str, str] | None = None) -> Asking:
    return lambda world, _: Request(path.format(world.jobs[state]), "POST", form=form)


NO_TEAM = {"name": "x"}
SHOWS_ACCOUNT = frozenset({Verb.LIST_ACCOUNTS})
SHOWS_PAGE = frozenset({Verb.LIST_ACCOUNTS, Verb.LIST_TOKENS})
SHOWS_TEAM = frozenset({Verb.LIST_TEAMS})
SHOWS_TOKENS = frozenset({Verb.LIST_TOKENS})

ACCOUNTS: Mapping[str, Row] = MappingProxyType(
    {
        "get_me": Everybody(_page("/api/v1/me")),
        "list_users": Allowed(Verb.LIST_ACCOUNTS, _page("/api/v1/users")),
        "add_user": Allowed(
            Verb.ADD_ACCOUNT,
            lambda _, __: Request("/api/v1/users", "POST", {"login": "li.ming", "name": "x"}),
            SHOWS_ACCOUNT,
        ),
        "get_user": Allowed(Verb.LIST_ACCOUNTS, lambda world, _: Request(f"/api/v1/users/{world.accounts[Where.OWN]}")),
        "list_user_revisions": Allowed(
            Verb.LIST_ACCOUNTS, lambda world, _: Request(f"/api/v1/users/{world.accounts[Where.OWN]}/revisions")
        ),
        "disable_user": Allowed(Verb.DISABLE_ACCOUNT, _user("/disable"), SHOWS_ACCOUNT),
        "enable_user": Allowed(Verb.ENABLE_ACCOUNT, _disabled("/api/v1/users", None), SHOWS_ACCOUNT),
        "set_password": Allowed(Verb.SET_PASSWORD, _user("/password"), SHOWS_ACCOUNT),
        "grant_user": Allowed(Verb.GRANT_ROLE, _newcomer({"role": "viewer"}), SHOWS_ACCOUNT),
        "end_user_grant": Allowed(
            Verb.END_GRANT,
            lambda world, where: Request(
                f"/api/v1/users/{world.accounts[where]}/grants/end", "POST", _ended(world, where)
            ),
            SHOWS_ACCOUNT,
        ),
        "list_teams": Allowed(Verb.LIST_TEAMS, _page("/api/v1/teams")),
        "get_team": Allowed(Verb.LIST_TEAMS, _page("/api/v1/teams/office")),
        "list_team_revisions": Allowed(Verb.LIST_TEAMS, _page("/api/v1/teams/office/revisions")),
        "keep_team": Allowed(Verb.KEEP_TEAM, lambda _, __: Request("/api/v1/teams/office", "PUT", NO_TEAM), SHOWS_TEAM),
        "grant_team": Allowed(
            Verb.GRANT_ROLE,
            lambda world, where: Request(
                f"/api/v1/teams/{world.teams[where]}/grants", "POST", {"role": "viewer", "division": where.division}
            ),
            SHOWS_TEAM,
        ),
        "end_team_grant": Allowed(
            Verb.END_GRANT,
            lambda world, where: Request("/api/v1/teams/office/grants/end", "POST", _ended(world, where)),
            SHOWS_TEAM,
        ),
        "list_tokens": Allowed(
            Verb.LIST_TOKENS, lambda world, where: Request(f"/api/v1/tokens?login={world.accounts[where]}")
        ),
        "get_token": Allowed(Verb.LIST_TOKENS, lambda world, where: Request(f"/api/v1/tokens/{world.tokens[where]}")),
        "list_token_revisions": Allowed(
            Verb.LIST_TOKENS, lambda world, where: Request(f"/api/v1/tokens/{world.tokens[where]}/revisions")
        ),
        "issue_token": Allowed(
            Verb.ISSUE_TOKEN,
            lambda world, where: Request(
                "/api/v1/tokens", "POST", {"login": world.accounts[where], "name": "x", "scopes": ["read"]}
            ),
            SHOWS_TOKENS,
        ),
        "revoke_token": Allowed(
            Verb.REVOKE_TOKEN, lambda world, where: Request(f"/api/v1/tokens/{world.tokens[where]}/revoke", "POST")
        ),
        "list_jobs": Allowed(Verb.LIST_JOBS, _page("/api/v1/jobs")),
        "get_job": Allowed(Verb.LIST_JOBS, _page("/api/v1/jobs/1")),
        "cancel_job": Allowed(Verb.CANCEL_JOB, _job("/api/v1/jobs/{}/cancel", JobState.QUEUED)),
        "retry_job": Allowed(Verb.RETRY_JOB, _job("/api/v1/jobs/{}/retry", JobState.FAILED)),
    }
)
"""Accounts and jobs by API."""

ADMIN: Mapping[str, Row] = MappingProxyType(
    {
        "admin": WhoeverIsSignedIn(_page("/admin")),
        "users_page": AllowedPage(Verb.LIST_ACCOUNTS, _page("/admin/users")),
        "add_user_form": Allowed(
            Verb.ADD_ACCOUNT,
            lambda _, __: Request("/admin/users", "POST", form={"login": "li.ming", "name": "x"}),
            SHOWS_ACCOUNT | {Verb.GRANT_ROLE},
        ),
        "user_page": AllowedPage(
            Verb.LIST_ACCOUNTS, lambda world, _: Request(f"/admin/users/{world.accounts[Where.OWN]}"), SHOWS_TOKENS
        ),
        "disable_user_form": Allowed(Verb.DISABLE_ACCOUNT, _user_form("/disable"), SHOWS_PAGE),
        "enable_user_form": Allowed(Verb.ENABLE_ACCOUNT, _disabled("/admin/users", {}), SHOWS_PAGE),
        "set_password_form": Allowed(Verb.SET_PASSWORD, _user_form("/password"), SHOWS_PAGE),
        "grant_user_form": Allowed(
            Verb.GRANT_ROLE,
            lambda world, where: Request(
                f"/admin/users/{world.newcomer}/grants", "POST", form={"role": "viewer", "division": where.value}
            ),
            SHOWS_PAGE,
        ),
        "end_user_grant_form": Allowed(
            Verb.END_GRANT,
            lambda world, where: Request(
                f"/admin/users/{world.accounts[where]}/grants/end",
                "POST",
                form={"role": "viewer", "division": where.value},
            ),
            SHOWS_PAGE,
        ),
        "teams_page": AllowedPage(Verb.LIST_TEAMS, _page("/admin/teams")),
        "add_team_form": Allowed(
            Verb.KEEP_TEAM,
            lambda _, __: Request("/admin/teams", "POST", form={"login": "city", "name": "x"}),
            SHOWS_TEAM,
        ),
        "team_page": AllowedPage(Verb.LIST_TEAMS, _page("/admin/teams/office")),
        "change_members": Allowed(
            Verb.KEEP_TEAM,
            lambda world, _: Request("/admin/teams/office/members", "POST", form={"join": world.newcomer}),
            SHOWS_TEAM,
        ),
        "grant_team_form": Allowed(
            Verb.GRANT_ROLE,
            lambda world, where: Request(
                f"/admin/teams/{world.teams[where]}/grants", "POST", form={"role": "viewer", "division": where.value}
            ),
            SHOWS_TEAM,
        ),
        "end_team_grant_form": Allowed(
            Verb.END_GRANT,
            lambda _, where: Request(
                "/admin/teams/office/grants/end", "POST", form={"role": "viewer", "division": where.value}
            ),
            SHOWS_TEAM,
        ),
        "tokens_page": AllowedPage(
            Verb.LIST_TOKENS, lambda world, where: Request(f"/admin/tokens?login={world.accounts[where]}")
        ),
        "issue_token_form": Allowed(
            Verb.ISSUE_TOKEN,
            lambda world, where: Request(
                "/admin/tokens",
                "POST",
                form={
                    "login": world.accounts[where],
                    "of": world.accounts[where],
                    "name": "x",
                    "scopes": "read",
                    "days": "1",
                },
            ),
            SHOWS_TOKENS,
        ),
        "revoke_token_form": Allowed(
            Verb.REVOKE_TOKEN,
            lambda world, where: Request(
                "/admin/tokens/revoke",
                "POST",
                form={"token": str(world.tokens[where]), "login": world.accounts[where]},
            ),
            SHOWS_TOKENS,
        ),
        "jobs_page": AllowedPage(Verb.LIST_JOBS, _page("/admin/jobs")),
        "cancel_job_form": Allowed(Verb.CANCEL_JOB, _job("/admin/jobs/{}/cancel", JobState.QUEUED, {})),
        "retry_job_form": Allowed(Verb.RETRY_JOB, _job("/admin/jobs/{}/retry", JobState.FAILED, {})),
        "issue_own_token": WhoeverIsSignedIn(lambda _, __: Request("/me/tokens", "POST", form={})),
        "revoke_own_token": WhoeverIsSignedIn(lambda _, __: Request("/me/tokens/revoke", "POST", form={})),
        "set_out": Everybody(_page("/sign-in/oidc")),
        "come_back": Everybody(_page("/sign-in/oidc/callback")),
        "leave": Everybody(_page("/sign-in/oidc/leave")),
    }
)
"""The same by pages, and what else is about whoever asks."""


def _contacts(world: World, where: Where) -> Request:
    return Request(f"/api/v1/facilities/{world.facilities[where]}/contacts")


def _contact(method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(
        f"/api/v1/facilities/{world.facilities[where]}/contacts/{world.contacts[where]}", method, body
    )


def _contact_form(path: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(
        f"/facilities/{world.facilities[where]}/contacts/{world.contacts[where]}{path}", "POST", form=form
    )


def _register(_: World, where: Where) -> Request:
    body = {"kind": KIND.value, "name": "x", "geometry": {"type": "Point", "coordinates": [119.65, 29.08]}}
    return Request("/api/v1/facilities", "POST", body | ({"division": where.value} if where.value else {}))


def _record_succession(_: World, where: Where) -> Request:
    body = {
        "before": {"code": where.code, "vintage": EARLIEST},
        "after": {"code": where.code, "vintage": PRESENT},
        "change": "same",
        "evidence": "名册",
        "certainty": "certain",
    }
    return Request("/api/v1/successions", "POST", body)


def _record_succession_form(_: World, where: Where) -> Request:
    form = {
        "direction": "became",
        "other_code": where.code,
        "other_vintage": str(PRESENT),
        "change": "same",
        "certainty": "certain",
        "evidence": "名册",
    }
    return Request(f"/divisions/{where.code}/successions?vintage={EARLIEST}", "POST", form=form)


def _withdraw_succession_form(world: World, where: Where) -> Request:
    path = f"/divisions/{where.code}/successions/{world.successions[where]}/withdraw?vintage={EARLIER}"
    return Request(path, "POST", form={"why": "x"})


def _of_a_place(path: str = "", method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/places/{world.places[where]}{path}", method, body)


def _of_a_name(method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(
        f"/api/v1/places/{world.places[where]}/names/{world.names[where]}", method, body
    )


def _name_form(deed: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(
        f"/places/{world.places[where]}/names/{world.names[where]}/{deed}", "POST", form=form
    )


def _of_an_extent(deed: str) -> Asking:
    def asked(world: World, where: Where) -> Request:
        extents = world.extents if deed == "withdraw" else world.withdrawn_extents
        return Request(f"/api/v1/places/{world.places[where]}/extents/{extents[where]}/{deed}", "POST", {"why": "x"})

    return asked


def _register_place(_: World, where: Where) -> Request:
    body = {"class": "street", "name": "解放路"} | ({"division": where.value} if where.value else {})
    return Request("/api/v1/places", "POST", body)


def _relate(world: World, where: Where) -> Request:
    other = next(each for each in Where if each is not where)
    body = {"kind": "replaces", "other": str(world.places[other]), "evidence": "x"}
    return Request(f"/api/v1/places/{world.places[where]}/relations", "POST", body)


def _clearance(world: World, where: Where) -> Request:
    body = {"record": str(world.places[where]), "code": FOUND.value, "reason": "x"}
    return Request("/api/v1/names/clearances", "POST", body)


def _clear_form(world: World, where: Where) -> Request:
    form = {"record": str(world.places[where]), "code": FOUND.value, "reason": "x"}
    return Request("/names/clear", "POST", form=form)


NAMES: Mapping[str, Row] = MappingProxyType(
    {
        "check_name": Allowed(Verb.CHECK_NAME, _page("/api/v1/names/check?name=x&class=street")),
        "list_findings": Allowed(Verb.LIST_FINDINGS, _page("/api/v1/names/review")),
        "order_review": Allowed(Verb.REVIEW_NAMES, lambda _, __: Request("/api/v1/names/review", "POST")),
        "clear_finding": Allowed(Verb.CLEAR_FINDING, _clearance),
        "withdraw_clearance": Allowed(
            Verb.CLEAR_FINDING,
            lambda world, where: Request(
                f"/api/v1/names/clearances/{world.clearances[where]}/withdraw", "POST", {"why": "x"}
            ),
        ),
        "names_page": AllowedPage(Verb.CHECK_NAME, _page("/names")),
        "review_page": AllowedPage(Verb.LIST_FINDINGS, _page("/names/review")),
        "review_file": AllowedPage(Verb.LIST_FINDINGS, _page("/names/review.csv")),
        "order_review_form": Allowed(Verb.REVIEW_NAMES, lambda _, __: Request("/names/review", "POST", form={})),
        "open_cases_form": Allowed(
            Verb.OPEN_CASE,
            lambda world, where: Request(
                "/names/review/cases",
                "POST",
                form={"places": str(world.places[where]), "kind": "renaming", "per": "county"},
            ),
            frozenset({Verb.LIST_FINDINGS}),
        ),
        "clear_finding_form": Allowed(Verb.CLEAR_FINDING, _clear_form),
        "withdraw_clearance_form": Allowed(
            Verb.CLEAR_FINDING,
            lambda world, where: Request(
                "/names/withdraw", "POST", form={"clearance": str(world.clearances[where]), "why": "x"}
            ),
        ),
    }
)
"""Checks of names by API and by pages."""


def _of_an_area(path: str = "", method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/built-up-areas/{world.areas[where]}{path}", method, body)


def _area_form(path: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(f"/built-up-areas/{world.areas[where]}{path}", "POST", form=form)


def _register_area(_: World, where: Where) -> Request:
    body = {"name": "城区", "geometry": TRIANGLE, "division": where.code}
    return Request("/api/v1/built-up-areas", "POST", body)


AREAS: Mapping[str, Row] = MappingProxyType(
    {
        "list_built_up_areas": Everybody(_page("/api/v1/built-up-areas")),
        "get_built_up_area": Everybody(_of_an_area()),
        "list_built_up_area_revisions": Everybody(_of_an_area("/revisions")),
        "register_built_up_area": Allowed(Verb.REGISTER_AREA, _register_area),
        "change_built_up_area": Allowed(Verb.CHANGE_AREA, _of_an_area("", "PATCH", {"name": "新区", "why": "x"})),
        "end_built_up_area": Allowed(Verb.END_AREA, _of_an_area("/end", "POST", {"on": "2020", "why": "x"})),
        "restore_built_up_area": Allowed(Verb.RESTORE_AREA, _of_an_area("/revisions/1/restore", "POST", {"why": "x"})),
        "areas_page": Everybody(_page("/built-up-areas")),
        "area_page": Everybody(lambda world, where: Request(f"/built-up-areas/{world.areas[where]}")),
        "register_area_form": Allowed(
            Verb.REGISTER_AREA,
            lambda _, where: Request(
                "/built-up-areas",
                "POST",
                form={"name": "城区", "division": where.code, "divisions": where.code},
            ),
        ),
        "change_area_form": Allowed(Verb.CHANGE_AREA, _area_form("/change", {"name": "新区", "why": "x"})),
        "end_area_form": Allowed(Verb.END_AREA, _area_form("/end", {"on": "2020", "why": "x"})),
        "restore_area_form": Allowed(Verb.RESTORE_AREA, _area_form("/restore", {"number": "1", "why": "x"})),
    }
)
"""Built-up areas by API, and their pages."""


def _case_page(path: str = "") -> Asking:
    return lambda world, where: Request(f"/desk/cases/{world.cases[where]}{path}")


def _case_form(path: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(f"/desk/cases/{world.cases[where]}{path}", "POST", form=form)


def _line_form(path: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(
        f"/desk/cases/{world.cases[where]}/names/{world.lines[where]}{path}", "POST", form=form
    )


def _step_form(last: CaseStep, path: str, step: str, **fields: str) -> Asking:
    """A step's form, of a case that is where it can be taken, in one's own county; elsewhere of a draft."""
    return lambda world, where: Request(
        f"/desk/cases/{world.cases_after[last] if where is Where.OWN else world.cases[where]}{path}",
        "POST",
        form={"step": step, **fields},
    )


SHOWS_CASE = frozenset({Verb.LIST_CASES})

DESK: Mapping[str, Row] = MappingProxyType(
    {
        "desk_page": AllowedPage(Verb.LIST_CASES, _page("/desk")),
        "desk_file": AllowedPage(Verb.LIST_CASES, _page("/desk.csv")),
        "new_case_page": WhoeverIsSignedIn(_page("/desk/new")),
        "open_case_form": Allowed(
            Verb.OPEN_CASE,
            lambda _, where: Request(
                "/desk/new",
                "POST",
                form={"kind": "naming", "title": "x", "division": where.code, "approver": "government"},
            ),
            frozenset({Verb.LIST_CASES}),
        ),
        "taken_over_page": AllowedPage(
            Verb.TAKE_OVER_CASE, lambda world, where: Request(f"/desk/taken-over?place={world.places[where]}")
        ),
        "take_over_form": Allowed(
            Verb.TAKE_OVER_CASE,
            lambda world, where: Request(
                "/desk/taken-over",
                "POST",
                form={"kind": "naming", "title": "x", "division": where.code, "place": str(world.places[where])},
            ),
        ),
        "case_page": AllowedPage(Verb.LIST_CASES, _case_page()),
        "case_map": Allowed(Verb.LIST_CASES, _case_page("/map.json")),
        "case_findings_page": AllowedPage(Verb.LIST_CASES, _case_page("/findings")),
        "new_line_page": AllowedPage(Verb.LIST_CASES, _case_page("/names/new")),
        "line_page": AllowedPage(
            Verb.LIST_CASES,
            lambda world, where: Request(f"/desk/cases/{world.cases[where]}/names/{world.lines[where]}"),
        ),
        "change_case_form": Allowed(
            Verb.CHANGE_CASE,
            _case_form(
                "/change", {"title": "另一个标题", "approver": "government", "plan": "x", "reasons": "x", "why": "x"}
            ),
            SHOWS_CASE,
        ),
        "add_line_form": Allowed(
            Verb.CHANGE_CASE,
            _case_form("/names", {"action": "name", "name": "另一条路", "place_class": "street"}),
            SHOWS_CASE,
        ),
        "change_line_form": Allowed(
            Verb.CHANGE_CASE, _line_form("/change", {"name": "大仙一", "meaning": "x", "why": "x"}), SHOWS_CASE
        ),
        "strike_line_form": Allowed(Verb.CHANGE_CASE, _line_form("/strike", {"why": "x"}), SHOWS_CASE),
        "split_case_form": Allowed(
            Verb.CHANGE_CASE,
            lambda world, where: Request(
                f"/desk/cases/{world.cases[where]}/split",
                "POST",
                form={"lines": str(world.lines[where]), "why": "x"},
            ),
            SHOWS_CASE,
        ),
        "clear_findings_form": Allowed(
            Verb.CLEAR_CASE_FINDING,
            _case_form("/findings/clear", {"code": "generic-missing", "reason": "x"}),
            SHOWS_CASE,
        ),
        "clear_line_form": Allowed(
            Verb.CLEAR_CASE_FINDING, _line_form("/clear", {"code": "generic-missing", "reason": "x"}), SHOWS_CASE
        ),
        "attach_document_form": Allowed(
            Verb.ATTACH_DOCUMENT,
            lambda world, where: Request(
                f"/desk/cases/{world.cases[where]}/documents",
                "POST",
                form={"kind": "other"},
                file=b"%PDF-x",
            ),
            SHOWS_CASE,
        ),
        "names_template": WhoeverIsSignedIn(_page("/desk/names.csv")),
        "add_table_form": Allowed(
            Verb.CHANGE_CASE,
            lambda world, where: Request(
                f"/desk/cases/{world.cases[where]}/names/table",
                "POST",
                form={"crs": "auto"},
                file="名称,类别\n江南路,街\n".encode(),
                file_name="x.csv",
            ),
            SHOWS_CASE,
        ),
        "withdraw_document_form": Allowed(
            Verb.ATTACH_DOCUMENT,
            lambda world, where: Request(
                f"/desk/cases/{world.cases[where]}/documents/{world.documents[where]}/withdraw",
                "POST",
                form={"why": "x"},
            ),
            SHOWS_CASE,
        ),
        "case_document": AllowedPage(
            Verb.LIST_CASES,
            lambda world, where: Request(f"/desk/cases/{world.cases[where]}/documents/{world.documents[where]}"),
        ),
        "submit_case_form": Allowed(Verb.SUBMIT_CASE, _case_form("/submit", {"step": "submit"}), SHOWS_CASE),
        "handle_case_form": Allowed(Verb.HANDLE_CASE, _step_form(CaseStep.SUBMIT, "/handle", "check"), SHOWS_CASE),
        "sign_case_form": Allowed(Verb.SIGN_CASE, _step_form(CaseStep.HANDLE, "/sign", "review"), SHOWS_CASE),
        "decide_case_form": Allowed(Verb.DECIDE_CASE, _step_form(CaseStep.SIGN, "/decide", "approve"), SHOWS_CASE),
        "follow_up_case_form": Allowed(
            Verb.FOLLOW_UP_CASE, _step_form(CaseStep.APPROVE, "/follow-up", "file"), SHOWS_CASE
        ),
        "enter_codes_form": Allowed(
            Verb.FOLLOW_UP_CASE,
            _step_form(CaseStep.APPROVE, "/codes", "codes", codes=f"仙源溪路 {'3' * 20}"),
            SHOWS_CASE,
        ),
        "amend_case_form": Allowed(
            Verb.SIGN_CASE, _step_form(CaseStep.APPROVE, "/amend", "approve", number="x", note="x"), SHOWS_CASE
        ),
        "comments_page": AllowedPage(
            Verb.LIST_COMMENTS, lambda world, where: Request(f"/desk/consultations/{world.consultations[where]}")
        ),
        "answer_comment_form": Allowed(
            Verb.ANSWER_COMMENT,
            lambda world, where: Request(
                f"/desk/consultations/{world.consultations[where]}/comments/{world.comments[where]}/answer",
                "POST",
                form={"outcome": "adopted", "answer": "x"},
            ),
            frozenset({Verb.LIST_COMMENTS}),
        ),
        "announcements_page": Everybody(_page("/announcements")),
        "announcements_feed": Everybody(_page("/announcements.atom")),
        "announcement_page": Everybody(lambda world, where: Request(f"/announcements/{world.announcements[where]}")),
        "consultations_page": Everybody(_page("/consultations")),
        "consultation_page": Everybody(lambda world, where: Request(f"/consultations/{world.consultations[where]}")),
        "comment_form": Allowed(
            Verb.COMMENT,
            lambda world, where: Request(
                f"/consultations/{world.consultations[where]}/comments", "POST", form={"said": "x"}
            ),
        ),
        "comment_answer_form": Everybody(
            lambda world, where: Request(
                f"/consultations/{world.consultations[where]}/answer", "POST", form={"number": "0000000000"}
            )
        ),
    }
)
"""The pages of the office, of announcements and of consultations."""


def _of_a_case(path: str = "", method: str = "GET", body: object = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/cases/{world.cases[where]}{path}", method, body)


def _step_after(last: CaseStep, path: str, body: object) -> Asking:
    """A step of a case that is where it can be taken, in one's own county; elsewhere of a draft."""
    return lambda world, where: Request(
        f"/api/v1/cases/{world.cases_after[last] if where is Where.OWN else world.cases[where]}{path}", "POST", body
    )


def _of_a_line(path: str, method: str, body: Mapping[str, object]) -> Asking:
    return lambda world, where: Request(
        f"/api/v1/cases/{world.cases[where]}/names/{world.lines[where]}{path}", method, body
    )


def _of_a_consultation(path: str = "", method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/consultations/{world.consultations[where]}{path}", method, body)


_SAYING_WHY = {"note": "x"}
_A_NAME = {"name": "仙源湖路", "class": "street"}

CASES: Mapping[str, Row] = MappingProxyType(
    {
        "list_cases": Allowed(Verb.LIST_CASES, _page("/api/v1/cases")),
        "get_case": Allowed(Verb.LIST_CASES, _of_a_case()),
        "list_case_findings": Allowed(Verb.LIST_CASES, _of_a_case("/findings")),
        "draft_announcement": Allowed(Verb.LIST_CASES, _of_a_case("/announcement")),
        "draft_paper": Allowed(Verb.LIST_CASES, _of_a_case("/papers/application")),
        "announcement_paper": Everybody(
            lambda world, where: Request(f"/api/v1/announcements/{world.announcements[where]}/paper?format=docx")
        ),
        "read_document": Allowed(
            Verb.LIST_CASES,
            lambda world, where: Request(f"/api/v1/cases/{world.cases[where]}/documents/{world.documents[where]}"),
        ),
        "list_case_neighbours": Allowed(
            Verb.LIST_CASES,
            lambda world, where: Request(f"/api/v1/cases/{world.cases[where]}/names/{world.lines[where]}/neighbours"),
        ),
        "list_filings": Allowed(Verb.LIST_CASES, _page("/api/v1/filings")),
        "open_case": Allowed(
            Verb.OPEN_CASE,
            lambda _, where: Request("/api/v1/cases", "POST", {**A_CASE, "division": where.code}),
        ),
        "take_over_case": Allowed(
            Verb.TAKE_OVER_CASE,
            lambda world, where: Request("/api/v1/cases/taken-over", "POST", taken_over(world, where)),
        ),
        "open_cases_of_review": Allowed(
            Verb.OPEN_CASE,
            lambda _, where: Request(
                "/api/v1/cases/from-review", "POST", {"division": where.code, "codes": [FOUND.value]}
            ),
            frozenset({Verb.LIST_FINDINGS}),
        ),
        "change_case": Allowed(Verb.CHANGE_CASE, _of_a_case("", "PATCH", {"title": "x", "why": "x"})),
        "add_case_names": Allowed(Verb.CHANGE_CASE, _of_a_case("/names", "POST", {"names": [_A_NAME]})),
        "add_case_table": Allowed(
            Verb.CHANGE_CASE, _of_a_case("/names/table?file_name=x.csv", "POST", "名称,类别\n江南路,街\n")
        ),
        "change_case_name": Allowed(Verb.CHANGE_CASE, _of_a_line("", "PATCH", {"meaning": "x", "why": "x"})),
        "split_case": Allowed(
            Verb.CHANGE_CASE,
            lambda world, where: Request(
                f"/api/v1/cases/{world.cases[where]}/split", "POST", {"lines": [str(world.lines[where])], "why": "x"}
            ),
        ),
        "clear_case_finding": Allowed(
            Verb.CLEAR_CASE_FINDING,
            _of_a_line("/clearances", "POST", {"code": "generic-missing", "reason": "x"}),
            frozenset({Verb.LIST_CASES}),
        ),
        "clear_case_findings": Allowed(
            Verb.CLEAR_CASE_FINDING,
            _of_a_case("/clearances", "POST", {"code": "generic-missing", "reason": "x"}),
            frozenset({Verb.LIST_CASES}),
        ),
        "attach_document": Allowed(
            Verb.ATTACH_DOCUMENT, _of_a_case("/documents?kind=other&file_name=a.pdf", "POST", "%PDF-x")
        ),
        "withdraw_document": Allowed(
            Verb.ATTACH_DOCUMENT,
            lambda world, where: Request(
                f"/api/v1/cases/{world.cases[where]}/documents/{world.documents[where]}/withdraw", "POST", {"why": "x"}
            ),
        ),
        "submit_case": Allowed(Verb.SUBMIT_CASE, _of_a_case("/submit", "POST", {})),
        "withdraw_case": Allowed(Verb.SUBMIT_CASE, _of_a_case("/withdraw", "POST", _SAYING_WHY)),
        "check_case": Allowed(Verb.HANDLE_CASE, _step_after(CaseStep.SUBMIT, "/check", {})),
        "return_case": Allowed(Verb.HANDLE_CASE, _step_after(CaseStep.SUBMIT, "/return", _SAYING_WHY)),
        "consult_case": Allowed(Verb.HANDLE_CASE, _step_after(CaseStep.CHECK, "/consult", {"until": "2100-01-01"})),
        "conclude_case": Allowed(Verb.HANDLE_CASE, _step_after(CaseStep.CONSULT, "/conclude", {})),
        "handle_case": Allowed(Verb.HANDLE_CASE, _step_after(CaseStep.CHECK, "/handle", {})),
        "review_case": Allowed(Verb.SIGN_CASE, _step_after(CaseStep.HANDLE, "/review", {})),
        "send_back_case": Allowed(Verb.SIGN_CASE, _step_after(CaseStep.HANDLE, "/send-back", _SAYING_WHY)),
        "sign_case": Allowed(Verb.SIGN_CASE, _step_after(CaseStep.REVIEW, "/sign", {})),
        "approve_case": Allowed(Verb.DECIDE_CASE, _step_after(CaseStep.SIGN, "/approve", {})),
        "reject_case": Allowed(Verb.DECIDE_CASE, _step_after(CaseStep.SIGN, "/reject", _SAYING_WHY)),
        "hand_back_case": Allowed(Verb.DECIDE_CASE, _step_after(CaseStep.SIGN, "/hand-back", _SAYING_WHY)),
        "file_case": Allowed(Verb.FOLLOW_UP_CASE, _step_after(CaseStep.APPROVE, "/file", {})),
        "filed_case": Allowed(Verb.FOLLOW_UP_CASE, _step_after(CaseStep.FILE, "/filed", {})),
        "filing_returned_case": Allowed(
            Verb.FOLLOW_UP_CASE, _step_after(CaseStep.FILE, "/filing-returned", _SAYING_WHY)
        ),
        "enter_case_codes": Allowed(
            Verb.FOLLOW_UP_CASE,
            lambda world, where: _step_after(
                CaseStep.APPROVE, "/codes", {"codes": {str(world.approved_line): "3" * 20}}
            )(world, where),
        ),
        "amend_case": Allowed(
            Verb.SIGN_CASE, _step_after(CaseStep.APPROVE, "/amend", {"step": "approve", "number": "x", "why": "x"})
        ),
        "announce_case": Allowed(Verb.FOLLOW_UP_CASE, _step_after(CaseStep.APPROVE, "/announce", {})),
        "correct_case": Allowed(Verb.FOLLOW_UP_CASE, _step_after(CaseStep.ANNOUNCE, "/correct", _SAYING_WHY)),
        "list_announcements": Everybody(_page("/api/v1/announcements")),
        "get_announcement": Everybody(
            lambda world, where: Request(f"/api/v1/announcements/{world.announcements[where]}")
        ),
        "list_consultations": Everybody(_page("/api/v1/consultations")),
        "get_consultation": Everybody(_of_a_consultation()),
        "comment_answered": Everybody(_page("/api/v1/consultations/comments/0000000000")),
        "add_comment": Allowed(Verb.COMMENT, _of_a_consultation("/comments", "POST", {"said": "x"})),
        "list_comments": Allowed(Verb.LIST_COMMENTS, _of_a_consultation("/comments")),
        "answer_comment": Allowed(
            Verb.ANSWER_COMMENT,
            lambda world, where: Request(
                f"/api/v1/consultations/{world.consultations[where]}/comments/{world.comments[where]}",
                "PATCH",
                {"outcome": "adopted", "answer": "x"},
            ),
        ),
        "list_place_decisions": Everybody(
            lambda world, where: Request(f"/api/v1/places/{world.places[where]}/decisions")
        ),
    }
)
"""Cases, announcements and consultations by API."""


def _of_a_listed(path: str = "", method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/heritage/{world.heritage[where]}{path}", method, body)


def _listed_form(path: str, form: Mapping[str, str]) -> Asking:
    return lambda world, where: Request(f"/heritage/{world.heritage[where]}{path}", "POST", form=form)


DELISTED = {"delisted_on": "2021-01-01", "document_number": "1", "why": "x"}

HERITAGE: Mapping[str, Row] = MappingProxyType(
    {
        "list_heritage": Everybody(_page("/api/v1/heritage")),
        "get_heritage": Everybody(_of_a_listed()),
        "list_heritage_revisions": Everybody(_of_a_listed("/revisions")),
        "propose_heritage": Allowed(
            Verb.PROPOSE_HERITAGE,
            lambda _, where: Request("/api/v1/heritage", "POST", {**PROPOSED, "division": where.code}),
        ),
        "change_heritage": Allowed(Verb.CHANGE_HERITAGE, _of_a_listed("", "PATCH", {"named": "唐", "why": "x"})),
        "enlist_heritage": Allowed(
            Verb.ENLIST_HERITAGE,
            lambda world, where: Request(f"/api/v1/heritage/{world.proposals[where]}/list", "POST", BY_DOCUMENT),
        ),
        "delist_heritage": Allowed(Verb.DELIST_HERITAGE, _of_a_listed("/delist", "POST", DELISTED)),
        "add_heritage_evidence": Allowed(Verb.ADD_HERITAGE_EVIDENCE, _of_a_listed("/evidence", "POST", {"what": "x"})),
        "add_heritage_story": Allowed(Verb.ADD_HERITAGE_STORY, _of_a_listed("/stories", "POST", {"story": "x"})),
        "add_heritage_picture": Allowed(
            Verb.ADD_HERITAGE_PICTURE, _of_a_listed("/pictures", "POST", {**RIGHTS, "content": PICTURE})
        ),
        "add_heritage_measure": Allowed(Verb.ADD_HERITAGE_MEASURE, _of_a_listed("/measures", "POST", MEASURED)),
        "withdraw_heritage_part": Allowed(
            Verb.WITHDRAW_HERITAGE_PART,
            lambda world, where: Request(
                f"/api/v1/heritage/{world.heritage[where]}/stories/{world.stories[where]}/withdraw",
                "POST",
                {"why": "x"},
            ),
        ),
        "heritage_page": Everybody(_page("/heritage")),
        "heritage_table": Everybody(_page("/heritage.csv")),
        "heritage_points": Everybody(_page("/heritage.geojson")),
        "heritage_record": Everybody(lambda world, where: Request(f"/heritage/{world.heritage[where]}")),
        "heritage_picture": Everybody(
            lambda world, where: Request(f"/heritage/{world.heritage[where]}/pictures/{world.stories[where]}")
        ),
        "propose_heritage_form": Allowed(
            Verb.PROPOSE_HERITAGE,
            lambda _, where: Request("/heritage", "POST", form={**PROPOSED, "division": where.code}),
        ),
        "change_heritage_form": Allowed(
            Verb.CHANGE_HERITAGE,
            _listed_form("/change", {"kind": "old-street", "level": "city", "named": "唐", "why": "x"}),
        ),
        "enlist_heritage_form": Allowed(
            Verb.ENLIST_HERITAGE,
            lambda world, where: Request(
                f"/heritage/{world.proposals[where]}/list",
                "POST",
                form={key: str(value) for key, value in BY_DOCUMENT.items()},
            ),
        ),
        "delist_heritage_form": Allowed(Verb.DELIST_HERITAGE, _listed_form("/delist", DELISTED)),
        "add_heritage_evidence_form": Allowed(Verb.ADD_HERITAGE_EVIDENCE, _listed_form("/evidence", {"what": "x"})),
        "add_heritage_story_form": Allowed(Verb.ADD_HERITAGE_STORY, _listed_form("/stories", {"story": "x"})),
        "add_heritage_measure_form": Allowed(Verb.ADD_HERITAGE_MEASURE, _listed_form("/measures", MEASURED)),
        "withdraw_heritage_part_form": Allowed(
            Verb.WITHDRAW_HERITAGE_PART,
            lambda world, where: Request(
                f"/heritage/{world.heritage[where]}/stories/{world.stories[where]}/withdraw", "POST", form={"why": "x"}
            ),
        ),
        "add_heritage_picture_form": Allowed(
            Verb.ADD_HERITAGE_PICTURE,
            lambda world, where: Request(
                f"/heritage/{world.heritage[where]}/pictures", "POST", form=RIGHTS, file=b64decode(PICTURE)
            ),
        ),
    }
)
"""Names on protection lists by API, and their pages."""

EXTENT: Mapping[str, object] = {
    "geometry": {"type": "Point", "coordinates": list(FAR[:2])},
    "valid_from": "2015",
    "why": "x",
}


A_LANE = b'{"type": "LineString", "coordinates": [[119.65, 29.08], [119.651, 29.08]]}'


def _of_a_lane(path: str = "", method: str = "GET", body: Mapping[str, object] | None = None) -> Asking:
    return lambda world, where: Request(f"/api/v1/unnamed/lanes/{world.lanes[where]}{path}", method, body)


def _add_lanes(_: World, where: Where) -> Request:
    line = {"type": "LineString", "coordinates": [[119.65, 29.08], [119.651, 29.08]]}
    body = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": line}], "division": where.code}
    return Request("/api/v1/unnamed/lanes", "POST", body)


def _decide_lanes(world: World, where: Where) -> Request:
    decision = {"lane": str(world.lanes[where]), "seen": "x", "decision": {"decision": "drop", "reason": "x"}}
    return Request("/api/v1/unnamed/decisions", "POST", {"decisions": [decision]})


def _find_lanes(_: World, where: Where) -> Request:
    return Request("/api/v1/unnamed/searches", "POST", {"division": where.value} if where.value else {})


def _lane_form(path: str, form: Mapping[str, str], file: bytes | None = None) -> Asking:
    return lambda _, where: Request(f"/names/unnamed{path}", "POST", form={**form, "division": where.code}, file=file)


LANES: Mapping[str, Row] = MappingProxyType(
    {
        "list_lanes": Allowed(Verb.LIST_LANES, _page("/api/v1/unnamed/lanes")),
        "get_lane": Allowed(Verb.LIST_LANES, _of_a_lane()),
        "add_lanes": Allowed(Verb.ADD_LANES, _add_lanes),
        "decide_lane": Allowed(Verb.DECIDE_LANES, _of_a_lane("", "PATCH", {"decision": "drop", "reason": "x"})),
        "decide_lanes": Allowed(Verb.DECIDE_LANES, _decide_lanes),
        "order_finding": Allowed(Verb.FIND_LANES, _find_lanes),
        "get_lane_progress": Allowed(Verb.LIST_LANES, _page("/api/v1/unnamed/progress")),
        "list_signs": Allowed(Verb.LIST_LANES, _page("/api/v1/unnamed/signs")),
        "list_wishes": Allowed(Verb.LIST_LANES, _page("/api/v1/unnamed/wishes")),
        "add_wish": Allowed(
            Verb.ADD_WISH,
            lambda _, where: Request("/api/v1/unnamed/wishes", "POST", {"division": where.code, "name": "古樟巷"}),
        ),
        "file_lanes": Allowed(
            Verb.OPEN_CASE,
            lambda _, where: Request("/api/v1/unnamed/batches", "POST", {"division": where.code, "title": "x"}),
            frozenset({Verb.DECIDE_LANES}),
        ),
        "get_field_table": Allowed(Verb.LIST_LANES, _page("/api/v1/unnamed/table?format=geojson")),
        "unnamed_page": AllowedPage(Verb.LIST_LANES, _page("/names/unnamed")),
        "unnamed_table": AllowedPage(Verb.LIST_LANES, _page("/names/unnamed/table?format=geojson")),
        "find_lanes_form": Allowed(
            Verb.FIND_LANES,
            lambda _, where: Request("/names/unnamed", "POST", form={"division": where.value}),
            frozenset({Verb.LIST_LANES}),
        ),
        "decide_lane_form": Allowed(
            Verb.DECIDE_LANES,
            lambda world, where: Request(
                "/names/unnamed/decide",
                "POST",
                form={"lane": str(world.lanes[where]), "seen": "x", "decision": "drop", "reason": "x"},
            ),
            also=frozenset({Verb.LIST_LANES}),
        ),
        "add_lanes_form": Allowed(Verb.ADD_LANES, _lane_form("/add", {}, A_LANE), frozenset({Verb.LIST_LANES})),
        "take_back_form": Allowed(Verb.DECIDE_LANES, _lane_form("/table", {}), frozenset({Verb.LIST_LANES})),
        "add_wish_form": Allowed(Verb.ADD_WISH, _lane_form("/wish", {"name": "古樟巷"}), frozenset({Verb.LIST_LANES})),
    }
)

PLACES: Mapping[str, Row] = MappingProxyType(
    {
        "list_places": Everybody(_page("/api/v1/places")),
        "get_place": Everybody(_of_a_place()),
        "place_record": Everybody(lambda world, where: Request(f"/places/{world.places[where]}")),
        "place_extract": Everybody(lambda world, where: Request(f"/places/{world.places[where]}/extract")),
        "list_place_revisions": Everybody(_of_a_place("/revisions")),
        "get_place_name": Everybody(_of_a_name()),
        "list_place_name_revisions": Everybody(
            lambda world, where: Request(f"/api/v1/places/{world.places[where]}/names/{world.names[where]}/revisions")
        ),
        "register_place": Allowed(Verb.REGISTER_PLACE, _register_place),
        "correct_place": Allowed(Verb.CORRECT_PLACE, _of_a_place("", "PATCH", {"detail": {"width_m": 9}, "why": "x"})),
        "add_place_name": Allowed(Verb.ADD_PLACE_NAME, _of_a_place("/names", "POST", {"name": "后街", "why": "x"})),
        "correct_place_name": Allowed(Verb.CORRECT_PLACE, _of_a_name("PATCH", {"meaning": "x", "why": "x"})),
        "set_place_extent": Allowed(Verb.CORRECT_PLACE, _of_a_place("/extents", "POST", EXTENT)),
        "add_name_form": Allowed(
            Verb.ADD_PLACE_NAME,
            lambda world, where: Request(
                f"/places/{world.places[where]}/names", "POST", form={"name": "后街", "kind": "alias", "why": "x"}
            ),
        ),
        "correct_name_form": Allowed(Verb.CORRECT_PLACE, _name_form("correct", {"meaning": "x", "why": "x"})),
        "withdraw_name_form": Allowed(Verb.CORRECT_PLACE, _name_form("withdraw", {"why": "x"})),
        "withdraw_extent_form": Allowed(
            Verb.CORRECT_PLACE,
            lambda world, where: Request(
                f"/places/{world.places[where]}/extents/{world.extents[where]}/withdraw", "POST", form={"why": "x"}
            ),
        ),
        "withdraw_place_extent": Allowed(Verb.CORRECT_PLACE, _of_an_extent("withdraw")),
        "restore_place_extent": Allowed(Verb.CORRECT_PLACE, _of_an_extent("restore")),
        "relate_places": Allowed(Verb.RELATE_PLACES, _relate),
        "withdraw_place_relation": Allowed(
            Verb.RELATE_PLACES,
            lambda world, where: Request(
                f"/api/v1/places/{world.places[where]}/relations/{world.relations[where]}/withdraw",
                "POST",
                {"why": "x"},
            ),
        ),
    }
)
"""Places by API, and their pages."""

ROUTES: Mapping[str, Row] = MappingProxyType(
    {
        **ACCOUNTS,
        **ADMIN,
        **PLACES,
        **AREAS,
        **CASES,
        **HERITAGE,
        **LANES,
        **NAMES,
        **DESK,
        "openapi": Everybody(_page("/api/openapi.json"), looks=False),
        "static": Everybody(_page("/static/css/tokens.css"), looks=False),
        "healthz": Everybody(_page("/healthz"), looks=False),
        "readyz": Everybody(_page("/readyz"), looks=False),
        "list_divisions": Everybody(_page("/api/v1/divisions")),
        "get_division": Everybody(lambda _, where: Request(f"/api/v1/divisions/{where.code}")),
        "list_facilities": Everybody(_page("/api/v1/facilities")),
        "get_facility": Everybody(lambda world, where: Request(f"/api/v1/facilities/{world.facilities[where]}")),
        "get_facility_geojson": Everybody(
            lambda world, where: Request(f"/api/v1/facilities/{world.facilities[where]}.geojson")
        ),
        "list_division_revisions": Everybody(lambda _, where: Request(f"/api/v1/divisions/{where.code}/revisions")),
        "get_lineage": Everybody(lambda _, where: Request(f"/api/v1/divisions/{where.code}/successions")),
        "get_succession": Everybody(lambda world, where: Request(f"/api/v1/successions/{world.successions[where]}")),
        "list_succession_revisions": Everybody(
            lambda world, where: Request(f"/api/v1/successions/{world.successions[where]}/revisions")
        ),
        "record_succession": Allowed(Verb.RECORD_SUCCESSION, _record_succession),
        "withdraw_succession": Allowed(
            Verb.WITHDRAW_SUCCESSION,
            lambda world, where: Request(
                f"/api/v1/successions/{world.successions[where]}/withdraw", "POST", {"why": "x"}
            ),
        ),
        "division_record": Everybody(lambda _, where: Request(f"/divisions/{where.code}")),
        "record_succession_form": Allowed(Verb.RECORD_SUCCESSION, _record_succession_form),
        "withdraw_succession_form": Allowed(Verb.WITHDRAW_SUCCESSION, _withdraw_succession_form),
        "restore_division": Allowed(
            Verb.RESTORE_DIVISION,
            lambda _, where: Request(f"/api/v1/divisions/{where.code}/revisions/1/restore", "POST", {"why": "x"}),
        ),
        "register_facility": Allowed(Verb.REGISTER_FACILITY, _register),
        "change_facility": Allowed(
            Verb.CHANGE_FACILITY,
            lambda world, where: Request(f"/api/v1/facilities/{world.facilities[where]}", "PATCH", {"name": "另一个"}),
        ),
        "list_facility_revisions": Everybody(
            lambda world, where: Request(f"/api/v1/facilities/{world.facilities[where]}/revisions")
        ),
        "restore_facility": Allowed(
            Verb.RESTORE_FACILITY,
            lambda world, where: Request(
                f"/api/v1/facilities/{world.facilities[where]}/revisions/1/restore", "POST", {"why": "x"}
            ),
        ),
        "list_population": Everybody(_page("/api/v1/population")),
        "list_standards": Everybody(_page("/api/v1/standards")),
        "order_run": Allowed(Verb.ORDER_RUN, _order),
        "list_runs": Everybody(_page("/api/v1/coverage/runs")),
        "get_run": Everybody(_of_a_run("")),
        "list_run_revisions": Everybody(_of_a_run("/revisions")),
        "cancel_run": Allowed(Verb.CANCEL_RUN, _cancel),
        "list_zones": Everybody(_of_a_run("/zones")),
        "list_points": Everybody(_of_a_run("/points")),
        "get_columns": Everybody(_of_a_run("/columns")),
        "get_result": Everybody(_of_a_run("/result.csv")),
        "live": Allowed(Verb.TRY_EDITS, _live),
        "way": Allowed(Verb.TRY_EDITS, _way),
        "search_names": Everybody(_page("/api/v1/search?q=x")),
        "romanize_name": Everybody(_page("/api/v1/names/romanize?name=x")),
        "suggest_names": Everybody(_page("/api/v1/suggest?q=x")),
        "get_style": Everybody(_page("/tiles/style.json")),
        "get_tilejson": Everybody(_page("/tiles/facilities.json")),
        "get_tile": Everybody(_page("/tiles/facilities/10/852/420.mvt")),
        "home": Everybody(_page("/")),
        "facility_list": Everybody(_page("/facilities")),
        "facility_record": Everybody(lambda world, where: Request(f"/facilities/{world.facilities[where]}")),
        "plan": Everybody(_page("/plan")),
        "docs": Everybody(_page("/docs")),
        "design": Everybody(_page("/design")),
        "sign_in_form": Everybody(_page("/sign-in")),
        "sign_in": Everybody(
            lambda _, __: Request("/sign-in", "POST", form={"login": "granted-nothing", "password": PASSWORD})
        ),
        "sign_out": Everybody(lambda _, __: Request("/sign-out", "POST", form={})),
        "read_audit": Allowed(Verb.READ_AUDIT, _page("/api/v1/audit")),
        "read_entry": Allowed(Verb.READ_AUDIT, _page("/api/v1/audit/1")),
        "audit_list": AllowedPage(Verb.READ_AUDIT, _page("/admin/audit")),
        "audit_entry": AllowedPage(Verb.READ_AUDIT, _page("/admin/audit/1")),
        "list_contacts": Allowed(Verb.LIST_CONTACTS, _contacts),
        "see_contact": Allowed(Verb.SEE_CONTACT, _contact()),
        "set_contact": Allowed(Verb.SET_CONTACT, _contact("PUT", {"person": "王", "phone": "120"})),
        "erase_contact": Allowed(Verb.ERASE_CONTACT, _contact("DELETE")),
        "see_contact_form": Allowed(Verb.SEE_CONTACT, _contact_form("/see", {})),
        "set_contact_form": Allowed(
            Verb.SET_CONTACT,
            _contact_form("", {"person": "李娜", "phone": "120"}),
            frozenset({Verb.SEE_CONTACT}),
        ),
        "erase_contact_page": AllowedPage(
            Verb.ERASE_CONTACT,
            lambda world, where: Request(
                f"/facilities/{world.facilities[where]}/contacts/{world.contacts[where]}/erase"
            ),
        ),
        "erase_contact_form": Allowed(Verb.ERASE_CONTACT, _contact_form("/erase", {})),
        "me": WhoeverIsSignedIn(_page("/me")),
        "change_password": WhoeverIsSignedIn(
            lambda _, __: Request("/me/password", "POST", form={"present": "x", "new": "x", "again": "x"})
        ),
    }
)
"""By the name of the function that answers."""
