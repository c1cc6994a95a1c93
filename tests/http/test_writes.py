"""Facilities are written by whoever may, on the version that they have seen, and nothing is written over unseen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from api.main import create_app
from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Grant
from geo_registry.db.history import twin_of
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import Division, Facility
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PositionQuality, Role, TokenScope
from tests.conftest import TestUrls
from tests.factories import make_account, make_division, make_facility, operator
from tests.http.conftest import served

FACILITIES = "/api/v1/facilities"
ORDER = {"standard": "care-circle-15min", "zone": "330702"}
AREA = (119.5, 28.9, 119.8, 29.2)
NEW = {"kind": "meal-point", "name": "江南助餐点", "geometry": {"type": "Point", "coordinates": [119.65, 29.08]}}


@pytest.fixture
def county(session: WriteSession) -> Division:
    made = make_division(session, "330702000000", name="婺城区", box=AREA)
    session.commit()
    return made


@pytest.fixture
def home(session: WriteSession, county: Division) -> str:
    """The address of a care institution of 120 beds."""
    made = make_facility(
        session,
        FacilityKind.CARE_INSTITUTION,
        name="福利院",
        address="八一南街 1 号",
        capacity=120,
        detail={"beds": 120, "nursing_beds": 60, "theme": "红色"},
        division_id=county.id,
    )
    session.commit()
    return f"{FACILITIES}/{made.id}"


def tag(client: httpx.Client, address: str) -> str:
    return str(client.get(address).headers["ETag"])


def change(client: httpx.Client, address: str, body: object, seen: str | None = None) -> httpx.Response:
    return client.patch(address, json=body, headers={"If-Match": seen or tag(client, address)})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def revisions(client: httpx.Client, address: str) -> list[int]:
    return [each["number"] for each in client.get(f"{address}/revisions").json()["items"]]


# Tags.


@pytest.fixture
def records(client: httpx.Client, home: str) -> list[str]:
    run = client.post("/api/v1/coverage/runs", json=ORDER).json()
    cancelled = client.post(run["links"]["cancel"], headers={"If-Match": "*"})
    assert cancelled.status_code == 200
    return [home, "/api/v1/divisions/330702", f"/api/v1/coverage/runs/{run['id']}"]


def test_a_record_that_the_reader_has_isnt_sent_again(client: httpx.Client, records: list[str]) -> None:
    for address in records:
        first = client.get(address)
        seen = first.headers["ETag"]
        assert first.status_code == 200
        assert seen.startswith('"')
        assert first.headers["Cache-Control"].endswith("no-cache")
        for known in (seen, f"W/{seen}", f'"another", {seen}', "*"):
            again = client.get(address, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", seen)
        for unknown in ('"another"', "", "nonsense", seen.strip('"')):
            again = client.get(address, headers={"If-None-Match": unknown})
            assert (again.status_code, again.json()) == (200, first.json())
        assert client.head(address, headers={"If-None-Match": seen}).status_code == 304


def test_records_that_say_the_same_have_tags_of_their_own(client: httpx.Client, session: WriteSession) -> None:
    same = [f"{FACILITIES}/{make_facility(session, name='同名').id}" for _ in range(2)]
    session.commit()
    assert tag(client, same[0]) != tag(client, same[1])


def test_a_tag_changes_with_all_that_is_shown(client: httpx.Client, session: WriteSession, home: str) -> None:
    tags = [tag(client, home)]
    session.execute(update(Division).values(name="婺城"))
    session.commit()
    tags.append(tag(client, home))
    session.execute(update(Facility).values(position_quality=PositionQuality.SURVEYED.value))
    session.commit()
    tags.append(tag(client, home))
    session.execute(update(Facility).values(position_quality=PositionQuality.SOURCE.value))
    session.commit()
    tags.append(tag(client, home))
    assert len(set(tags)) == 4


def test_a_run_under_way_is_always_sent(client: httpx.Client) -> None:
    """Its progress is told, and is no part of its version."""
    run = client.post("/api/v1/coverage/runs", json=ORDER)
    address = run.headers["Location"]
    assert run.headers["ETag"] == tag(client, address)
    assert client.get(address, headers={"If-None-Match": run.headers["ETag"]}).status_code == 200


def test_a_run_is_cancelled_as_far_as_it_was_seen(client: httpx.Client) -> None:
    run = client.post("/api/v1/coverage/runs", json=ORDER)
    cancel = run.json()["links"]["cancel"]
    assert code(client.post(cancel)) == "version-needed"
    cancelled = client.post(cancel, headers={"If-Match": run.headers["ETag"]})
    assert cancelled.json()["state"] == "cancelled"
    assert code(client.post(cancel, headers={"If-Match": run.headers["ETag"]})) == "record-changed"
    assert client.post(cancel, headers={"If-Match": cancelled.headers["ETag"]}).status_code == 200


# Changing.


def test_a_change_says_what_the_record_is_then(client: httpx.Client, home: str) -> None:
    before = client.get(home)
    answer = change(client, home, {"name": "金华市福利院", "opened_on": "2015-05-01", "why": "更名"})
    assert answer.status_code == 200
    assert answer.json() == before.json() | {"name": "金华市福利院", "opened_on": "2015-05-01"}
    after = client.get(home)
    assert (after.json(), after.headers["ETag"]) == (answer.json(), answer.headers["ETag"])
    assert after.headers["ETag"] != before.headers["ETag"]


def test_whoever_doesnt_say_what_was_seen_changes_nothing(client: httpx.Client, home: str) -> None:
    answer = client.patch(home, json={"name": "新名"})
    assert (answer.status_code, code(answer)) == (428, "version-needed")
    assert revisions(client, home) == [1]


def test_whoever_saw_an_older_version_is_told_the_present_one(client: httpx.Client, home: str) -> None:
    old = tag(client, home)
    new = change(client, home, {"name": "一"}, old).headers["ETag"]
    for stale in (old, '"another"', f"W/{new}", f'"another", {old}'):
        answer = change(client, home, {"name": "二"}, stale)
        assert (answer.status_code, code(answer), answer.headers["ETag"]) == (412, "record-changed", new)
    assert change(client, home, {"name": "二"}, f'"another", {new}').status_code == 200
    assert client.get(home).json()["name"] == "二"


def test_a_tag_of_another_record_is_none(client: httpx.Client, session: WriteSession, home: str) -> None:
    other = make_facility(session)
    session.commit()
    assert change(client, home, {"name": "x"}, tag(client, f"{FACILITIES}/{other.id}")).status_code == 412


def test_a_star_is_whatever_version_it_is(client: httpx.Client, home: str) -> None:
    assert change(client, home, {"name": "一"}, "*").status_code == 200


@pytest.mark.parametrize("seen", ["x", "", '"a', "'a'", '"a" "b"', '"a",'])
def test_what_is_no_tag_is_refused(client: httpx.Client, home: str, seen: str) -> None:
    answer = client.patch(home, json={"name": "x"}, headers={"If-Match": seen})
    assert (answer.status_code, code(answer)) == (400, "tag-malformed")


def test_a_change_that_changes_nothing_makes_no_revision(client: httpx.Client, home: str) -> None:
    before = tag(client, home)
    assert change(client, home, {"name": "福利院", "capacity": 120}).headers["ETag"] == before
    assert change(client, home, {}).headers["ETag"] == before
    assert revisions(client, home) == [1]


def test_null_empties_what_can_be_empty(client: httpx.Client, home: str) -> None:
    assert change(client, home, {"opened_on": "2015-05-01", "capacity": 100}).status_code == 200
    emptied = change(client, home, {"opened_on": None, "capacity": None}).json()
    assert (emptied["opened_on"], emptied["capacity"]) == (None, None)
    for body in ({"name": None}, {"address": None}, {"status": None}):
        assert (change(client, home, body).status_code, code(change(client, home, body))) == (422, "body-malformed")
    assert change(client, home, {"address": ""}).json()["address"] == ""


def test_the_field_that_tells_the_capacity_follows_it(client: httpx.Client, home: str) -> None:
    changed = change(client, home, {"capacity": 90}).json()
    assert (changed["capacity"], changed["detail"]) == (90, {"beds": 90, "nursing_beds": 60, "theme": "红色"})
    refused = change(client, home, {"capacity": 50})
    assert (refused.status_code, code(refused)) == (422, "facility-unsound")
    assert "nursing_beds" in refused.json()["detail"]
    assert change(client, home, {"capacity": None}).json()["detail"] == {"nursing_beds": 60, "theme": "红色"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"opened_on": "2020-01-02", "closed_on": "2020-01-01"}, "closed_on"),
        ({"status": "planned", "closed_on": "2020-01-01"}, "closed_on"),
        ({"confirmed_on": "2999-01-01"}, "confirmed_on"),
    ],
)
def test_a_change_keeps_the_rules(client: httpx.Client, home: str, body: dict[str, object], field: str) -> None:
    answer = change(client, home, body)
    assert (answer.status_code, code(answer)) == (422, "facility-unsound")
    assert all(field in said for said in answer.json()["messages"].values())
    assert revisions(client, home) == [1]


@pytest.mark.parametrize(
    "body",
    [
        *({name: "x"} for name in ("id", "fid", "recorded_at", "recorded_by", "dataset", "dataset_id", "source_id")),
        *({name: "x"} for name in ("kind", "division", "division_id", "confirmed_by", "position_quality")),
        {"detail": {"beds": 1}},
        {"geometry": NEW["geometry"]},
        {"name": ""},
        {"name": "  "},
        {"name": "a\u0000b"},
        {"name": "a\nb"},
        {"name": "a\u202eb"},
        {"name": "x" * 201},
        {"capacity": -1},
        {"capacity": 1.5},
        {"capacity": 10**12},
        {"status": "lost"},
        {"closed_on": "soon"},
        [],
        "x",
    ],
)
def test_what_nobody_may_tell_is_refused(client: httpx.Client, home: str, body: object) -> None:
    """Mass assignment, and values of the wrong kind."""
    answer = change(client, home, body)
    assert (answer.status_code, code(answer)) == (422, "body-malformed")
    assert revisions(client, home) == [1]


def test_an_unknown_facility_is_unknown(client: httpx.Client) -> None:
    address = f"{FACILITIES}/{uuid4()}"
    assert change(client, address, {"name": "x"}, "*").status_code == 404
    assert client.get(f"{address}/revisions").status_code == 404


def test_who_confirms_a_record_stands_in_it(client: httpx.Client, session: WriteSession, home: str) -> None:
    assert change(client, home, {"confirmed_on": "2020-01-01"}).json()["confirmed_on"] == "2020-01-01"
    assert session.scalar(select(Facility.confirmed_by)) == "local-operator"
    change(client, home, {"confirmed_on": None})
    session.expire_all()
    assert session.scalar(select(Facility.confirmed_by)) is None


def test_history_says_who_changed_it_and_why(client: httpx.Client, session: WriteSession, home: str) -> None:
    change(client, home, {"name": "新名", "why": "更名批复"})
    twin = twin_of(Facility)
    assert session.execute(select(twin.c.replaced_by, twin.c.why)).one() == ("local-operator", "更名批复")


# Registering.


def test_a_new_facility_belongs_to_the_division_that_it_stands_in(client: httpx.Client, county: Division) -> None:
    answer = client.post(FACILITIES, json=NEW | {"why": "新建"})
    made = answer.json()
    assert answer.status_code == 201
    assert (made["name"], made["division_code"], made["status"], made["detail"]) == (
        "江南助餐点",
        "330702000000",
        "open",
        {},
    )
    assert made["geometry"]["coordinates"] == [119.65, 29.08]
    seen = client.get(answer.headers["Location"])
    assert (seen.json(), seen.headers["ETag"]) == (made, answer.headers["ETag"])
    (first,) = client.get(f"{FACILITIES}/{made['id']}/revisions").json()["items"]
    assert (first["number"], first["by"], first["why"], first["changes"]) == (1, "local-operator", "新建", [])


def test_a_new_facility_can_be_found_by_its_name(client: httpx.Client, county: Division) -> None:
    made = client.post(FACILITIES, json=NEW).json()
    assert client.get("/api/v1/search", params={"q": "江南助餐"}).json()["hits"][0]["id"] == made["id"]


def test_a_division_that_is_given_is_that_of_the_position(
    client: httpx.Client, session: WriteSession, county: Division
) -> None:
    make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, name="城东街道", parent=county)
    make_division(session, "330703000000", name="金东区", box=(119.8, 28.9, 120.1, 29.2))
    session.commit()
    for given, belongs in (("330702001", "330702001000"), ("330702", "330702000000")):
        made = client.post(FACILITIES, json=NEW | {"division": given})
        assert made.json()["division_code"] == belongs
    refused = client.post(FACILITIES, json=NEW | {"division": "330703"})
    assert (refused.status_code, code(refused)) == (422, "facility-unsound")
    unknown = client.post(FACILITIES, json=NEW | {"division": "330799"})
    assert (unknown.status_code, code(unknown)) == (404, "division-unknown")
    elsewhere = NEW | {"geometry": {"type": "Point", "coordinates": [10, 10]}, "division": "330703"}
    assert client.post(FACILITIES, json=elsewhere).json()["division_code"] == "330703000000"


@pytest.mark.parametrize(
    "body",
    [
        {name: value for name, value in NEW.items() if name != "geometry"},
        NEW | {"kind": "castle"},
        NEW | {"name": ""},
        NEW | {"fid": 1},
        NEW | {"detail": {"meals_a_day": 1}},
        NEW | {"geometry": {"type": "Point", "coordinates": [119.65]}},
        NEW | {"geometry": {"type": "Point", "coordinates": [181, 0]}},
        NEW | {"geometry": {"type": "LineString", "coordinates": [119.65, 29.08]}},
        NEW | {"geometry": NEW["geometry"] | {"crs": "x"}},  # type: ignore[operator]
    ],
)
def test_what_is_no_facility_isnt_registered(client: httpx.Client, county: Division, body: object) -> None:
    answer = client.post(FACILITIES, json=body)
    assert (answer.status_code, code(answer)) == (422, "body-malformed")
    assert client.get(FACILITIES).json()["items"] == []


# Who may.


@pytest.fixture
def people(database: Database) -> dict[str, dict[str, str]]:
    """The headers of somebody of each grant, by login name."""
    meals = frozenset({FacilityKind.MEAL_POINT})
    grants = {
        "keeper": Grant(Role.STEWARD, "330702"),
        "meals": Grant(Role.STEWARD, "330702", meals),
        "elsewhere": Grant(Role.REGISTRAR, "330703"),
        "city": Grant(Role.REGISTRAR, "3307"),
        "town": Grant(Role.TOWNSHIP, "330702"),
        "reader": Grant(Role.VIEWER, "330702"),
        "planner": Grant(Role.PLANNER, "330702"),
    }
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    with database.write(actor="test") as session:
        for login, grant in grants.items():
            make_account(session, login, grant)
            scopes = (TokenScope.READ, TokenScope.EDIT)
            issued = accounts.issue_token(session, login, name="x", scopes=scopes, days=1, actor=operator())
            headers[login] = {"Authorization": f"Bearer {issued.secret}"}
    return headers


WHO = [
    ("keeper", None),
    ("city", None),
    ("town", None),
    ("meals", "not-your-kind"),
    ("elsewhere", "not-your-division"),
    ("reader", "not-your-role"),
    ("planner", "not-your-role"),
    ("nobody", "sign-in-needed"),
]


@pytest.mark.parametrize(("who", "refused"), WHO)
def test_a_facility_is_changed_by_whom_its_division_and_kind_are_granted(
    client: httpx.Client, people: dict[str, dict[str, str]], home: str, who: str, refused: str | None
) -> None:
    answer = client.patch(home, json={"name": "新名"}, headers=people[who] | {"If-Match": "*"})
    assert (answer.json().get("code"), answer.is_success) == (refused, refused is None)
    blind = client.patch(home, json={"name": "新名"}, headers=people[who])
    assert code(blind) == (refused or "version-needed")


@pytest.mark.parametrize(("who", "refused"), WHO)
def test_a_facility_is_registered_by_whom_its_division_and_kind_are_granted(
    client: httpx.Client, people: dict[str, dict[str, str]], county: Division, who: str, refused: str | None
) -> None:
    body = NEW | {"kind": "care-institution"}
    answer = client.post(FACILITIES, json=body, headers=people[who])
    assert (answer.json().get("code"), answer.is_success) == (refused, refused is None)
    nowhere = body | {"geometry": {"type": "Point", "coordinates": [10, 10]}}
    assert not client.post(FACILITIES, json=nowhere, headers=people[who]).is_success


@pytest.mark.parametrize(
    ("who", "told"), [("keeper", True), ("reader", True), ("planner", True), ("elsewhere", False), ("nobody", False)]
)
def test_authors_are_named_to_whom_may_know(
    *, client: httpx.Client, people: dict[str, dict[str, str]], home: str, who: str, told: bool
) -> None:
    client.patch(home, json={"name": "新名", "why": "更名"}, headers=people["keeper"] | {"If-Match": "*"})
    newest = client.get(f"{home}/revisions", headers=people[who]).json()["items"][0]
    assert (newest["by"], newest["why"]) == (("keeper", "更名") if told else (None, None))
    page = client.get(home.removeprefix("/api/v1"), headers=people[who] | {"Accept": "text/html"}).text
    assert "新名" in page
    assert ("更名" in page, "keeper" in page) == (told, told)


# Revisions.


def test_revisions_are_listed_with_what_changed(client: httpx.Client, home: str) -> None:
    change(client, home, {"name": "甲", "capacity": 100, "why": "扩建"})
    change(client, home, {"status": "closed", "closed_on": "2024-01-31"})
    newest, second, first = client.get(f"{home}/revisions").json()["items"]
    assert (newest["number"], newest["why"]) == (3, "")
    assert newest["changes"] == [
        {"field": "status", "before": "open", "after": "closed"},
        {"field": "closed_on", "before": None, "after": "2024-01-31"},
    ]
    assert (second["number"], second["by"], second["why"]) == (2, "local-operator", "扩建")
    assert second["changes"] == [
        {"field": "name", "before": "福利院", "after": "甲"},
        {"field": "capacity", "before": 120, "after": 100},
        {"field": "detail.beds", "before": 120, "after": 100},
    ]
    assert (first["number"], first["changes"]) == (1, [])


def test_revisions_come_in_pages_without_a_gap(client: httpx.Client, home: str) -> None:
    for name in "甲乙丙丁":
        change(client, home, {"name": name})
    address: str | None = f"{home}/revisions?limit=2"
    found = []
    while address is not None:
        page = client.get(address).json()
        found += [(each["number"], [one["after"] for one in each["changes"]]) for each in page["items"]]
        address = page["next"]
    assert found == [(5, ["丁"]), (4, ["丙"]), (3, ["乙"]), (2, ["甲"]), (1, [])]


def test_a_divisions_revisions_are_listed(client: httpx.Client, session: WriteSession, county: Division) -> None:
    session.execute(update(Division).values(name="婺城"))
    make_division(session, "330703000000", name="金东区")
    session.commit()
    newest, first = client.get("/api/v1/divisions/330702/revisions").json()["items"]
    assert newest["changes"] == [{"field": "name", "before": "婺城区", "after": "婺城"}]
    assert (first["number"], first["changes"]) == (1, [])
    assert client.get("/api/v1/divisions/330799/revisions").status_code == 404


def test_the_page_of_a_facility_shows_what_changed_as_text(client: httpx.Client, home: str) -> None:
    evil = "<script>alert(1)</script>"
    change(client, home, {"name": evil, "address": "", "capacity": 100, "why": evil})
    page = client.get(home.removeprefix("/api/v1"), headers={"Accept": "text/html", "Accept-Language": "zh-CN"}).text
    assert evil not in page
    assert "<del>福利院</del> → <ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>" in page
    assert "<del>八一南街 1 号</del> → <span" in page
    assert "<del>120 张</del> → <ins>100 张</ins>" in page
    assert page.index("第 2 次修订") < page.index("登记 · ")


# Restoring.


def restore(client: httpx.Client, address: str, number: int, **headers: str) -> httpx.Response:
    seen = {"If-Match": tag(client, address)} | headers
    return client.post(f"{address}/revisions/{number}/restore", json={"why": "误改"}, headers=seen)


def test_an_older_revision_becomes_the_newest(client: httpx.Client, home: str) -> None:
    first = client.get(home).json()
    change(client, home, {"name": "错", "capacity": 100, "status": "closed"})
    answer = restore(client, home, 1)
    assert (answer.status_code, answer.json()) == (200, first)
    assert answer.headers["ETag"] == tag(client, home)
    newest = client.get(f"{home}/revisions").json()["items"][0]
    assert (newest["number"], newest["why"], newest["by"]) == (3, "误改", "local-operator")
    assert [each["field"] for each in newest["changes"]] == ["name", "status", "capacity", "detail.beds"]


def test_a_position_and_a_division_are_restored(
    client: httpx.Client, session: WriteSession, home: str, county: Division
) -> None:
    first = client.get(home).json()
    elsewhere = func.ST_SetSRID(func.ST_MakePoint(1, 2), 4490)
    session.execute(update(Facility).values(geom=elsewhere, division_id=None, kind="meal-point", detail={}))
    session.commit()
    assert client.get(home).json()["geometry"]["coordinates"] == [1, 2]
    assert restore(client, home, 1).json() == first


def test_restoring_what_is_there_makes_no_revision(client: httpx.Client, home: str) -> None:
    change(client, home, {"name": "甲"})
    assert restore(client, home, 2).status_code == 200
    assert revisions(client, home) == [2, 1]


def test_restoring_takes_a_reason_a_version_and_a_revision(client: httpx.Client, home: str) -> None:
    change(client, home, {"name": "甲"})
    address = f"{home}/revisions/1/restore"
    for body in ({}, {"why": ""}, {"why": "x", "name": "y"}):
        assert client.post(address, json=body, headers={"If-Match": "*"}).status_code == 422
    assert code(client.post(address, json={"why": "误改"})) == "version-needed"
    assert code(restore(client, home, 1, **{"If-Match": '"another"'})) == "record-changed"
    assert (restore(client, home, 7).status_code, code(restore(client, home, 7))) == (404, "revision-unknown")
    assert revisions(client, home) == [2, 1]


def test_what_breaks_the_rules_isnt_restored(client: httpx.Client, session: WriteSession, home: str) -> None:
    session.execute(update(Facility).values(detail={"graves": 5}))
    session.execute(update(Facility).values(detail={"beds": 120}))
    session.commit()
    assert code(restore(client, home, 2)) == "facility-unsound"


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("keeper", None),
        ("city", None),
        ("town", "not-your-role"),
        ("meals", "not-your-kind"),
        ("nobody", "sign-in-needed"),
    ],
)
def test_a_facility_is_restored_by_whom_it_is_granted(
    client: httpx.Client, people: dict[str, dict[str, str]], home: str, who: str, refused: str | None
) -> None:
    client.patch(home, json={"name": "错"}, headers=people["keeper"] | {"If-Match": "*"})
    answer = restore(client, home, 1, **people[who])
    assert (answer.json().get("code"), answer.is_success) == (refused, refused is None)


def test_nobody_restores_what_was_in_anothers_division(
    client: httpx.Client, session: WriteSession, people: dict[str, dict[str, str]], home: str
) -> None:
    other = make_division(session, "330703000000", name="金东区")
    mine = session.scalar(select(Facility.division_id))
    for division in (other.id, mine):
        session.execute(update(Facility).values(division_id=division))
    session.commit()
    assert code(restore(client, home, 2, **people["keeper"])) == "not-your-division"
    assert restore(client, home, 2, **people["city"]).json()["division_code"] == "330703000000"


COUNTY = "/api/v1/divisions/330702"


@pytest.fixture
def renamed(session: WriteSession, county: Division) -> Division:
    """The county, which was called otherwise and had another area first."""
    session.execute(
        update(Division).values(
            name="错名", geom=func.ST_Multi(func.ST_MakeEnvelope(1, 2, 3, 4, 4490)), position_quality="approximate"
        )
    )
    session.commit()
    return county


def test_a_divisions_older_revision_becomes_the_newest(
    client: httpx.Client, county: Division, renamed: Division
) -> None:
    wrong = client.get(COUNTY).json()
    answer = restore(client, COUNTY, 1)
    restored = answer.json()
    assert (answer.status_code, restored["name"], restored["position_quality"]) == (200, "婺城区", "source")
    assert restored["geometry"] != wrong["geometry"]
    assert {key: restored[key] for key in ("id", "code", "vintage", "level", "parent_code")} == {
        key: wrong[key] for key in ("id", "code", "vintage", "level", "parent_code")
    }
    assert (client.get(COUNTY).json(), tag(client, COUNTY)) == (restored, answer.headers["ETag"])
    newest = client.get(f"{COUNTY}/revisions").json()["items"][0]
    assert (newest["number"], newest["why"], newest["by"]) == (3, "误改", "local-operator")
    assert [each["field"] for each in newest["changes"]] == ["name", "position_quality", "geometry"]
    assert restore(client, COUNTY, 2).json() == wrong
    assert restore(client, COUNTY, 4).headers["ETag"] == tag(client, COUNTY)
    assert revisions(client, COUNTY) == [4, 3, 2, 1]


def test_a_restored_name_is_found(client: httpx.Client, renamed: Division) -> None:
    assert client.get("/api/v1/search", params={"q": "婺城"}).json()["hits"] == []
    restore(client, COUNTY, 1)
    assert client.get("/api/v1/search", params={"q": "婺城"}).json()["hits"][0]["name"] == "婺城区"


def test_restoring_a_division_takes_a_reason_a_version_and_a_revision(client: httpx.Client, renamed: Division) -> None:
    address = f"{COUNTY}/revisions/1/restore"
    for body in ({}, {"why": ""}, {"why": "x", "name": "y"}):
        assert client.post(address, json=body, headers={"If-Match": "*"}).status_code == 422
    assert code(client.post(address, json={"why": "误改"})) == "version-needed"
    assert code(restore(client, COUNTY, 1, **{"If-Match": '"another"'})) == "record-changed"
    assert (restore(client, COUNTY, 7).status_code, code(restore(client, COUNTY, 7))) == (404, "revision-unknown")
    unknown = client.post("/api/v1/divisions/330799/revisions/1/restore", json={"why": "x"}, headers={"If-Match": "*"})
    assert (unknown.status_code, code(unknown)) == (404, "division-unknown")
    assert revisions(client, COUNTY) == [2, 1]


def test_a_division_of_an_older_vintage_is_restored_by_its_vintage(
    client: httpx.Client, session: WriteSession, renamed: Division
) -> None:
    make_division(session, "330702000000", vintage=2024, name="新年度")
    session.commit()
    address = f"{COUNTY}/revisions/1/restore?vintage=2023"
    answer = client.post(address, json={"why": "误改"}, headers={"If-Match": tag(client, f"{COUNTY}?vintage=2023")})
    assert (answer.json()["name"], answer.json()["vintage"]) == ("婺城区", 2023)
    assert client.get(COUNTY).json()["name"] == "新年度"


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("city", None),
        ("keeper", "not-your-role"),
        ("elsewhere", "not-your-division"),
        ("nobody", "sign-in-needed"),
    ],
)
def test_a_division_is_restored_by_who_registers_names_there(
    *, client: httpx.Client, people: dict[str, dict[str, str]], renamed: Division, who: str, refused: str | None
) -> None:
    answer = restore(client, COUNTY, 1, **people[who])
    assert answer.is_success if refused is None else code(answer) == refused
    blind = client.post(f"{COUNTY}/revisions/1/restore", json={"why": "x"}, headers=people[who])
    assert code(blind) == (refused or "version-needed")


def test_the_audit_says_by_which_verb_and_why(client: httpx.Client, home: str) -> None:
    change(client, home, {"name": "甲", "why": "更名"})
    restore(client, home, 1)
    record = home.rpartition("/")[2]
    entries = client.get("/api/v1/audit", params={"record": record, "table": "facility"}).json()["items"]
    assert [(each["verb"], each["why"], each["way"]) for each in entries[:2]] == [
        ("facilities.restore_facility", "误改", "api"),
        ("facilities.change_facility", "更名", "api"),
    ]


# Two at once.


@pytest.fixture
def really(committed: TestUrls, settings: Settings) -> Iterator[tuple[httpx.Client, str]]:
    """A service on a database where what is committed is committed, and the address of a facility in it."""
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        facility = make_facility(session)
    with served(create_app(settings, database)) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        yield client, f"{FACILITIES}/{facility.id}"
    database.dispose()


def test_of_two_who_saw_the_same_version_one_writes(really: tuple[httpx.Client, str]) -> None:
    client, address = really
    writers = 4
    for turn in range(5):
        seen = tag(client, address)
        together = Barrier(writers)

        def write(number: int, seen: str = seen, together: Barrier = together, turn: int = turn) -> httpx.Response:
            together.wait()
            return change(client, address, {"name": f"{turn}-{number}"}, seen)

        with ThreadPoolExecutor(writers) as pool:
            answers = list(pool.map(write, range(writers)))
        (won,) = [each for each in answers if each.status_code == 200]
        assert {each.status_code for each in answers} == {200, 412}
        assert {each.headers["ETag"] for each in answers} == {won.headers["ETag"]}
        assert client.get(address).json() == won.json()
    assert revisions(client, address) == [6, 5, 4, 3, 2, 1]
