"""Whom to call at a facility: shown by role, set by who keeps it, erased for good; the audit verifies all the while."""

from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.sealing import seal
from geo_registry.accounts.verifying import verify
from geo_registry.db.session import Database
from geo_registry.model import Facility
from geo_registry.vocabulary import FacilityKind, Role, TokenScope
from tests.factories import make_account, make_division, make_facility, operator

ANY = {"If-Match": "*"}
PERSON = {"person": "王小明", "phone": "138 0000 1234", "post": "负责人"}
WHOLE = {"person": "王小明", "phone": "138 0000 1234", "post": "负责人", "masked": False}
MASKED = {"person": "王**", "phone": "138****1234", "post": "负责人", "masked": True}


@pytest.fixture
def centre(database: Database) -> Facility:
    """A facility in one county."""
    with database.write(actor="test") as session:
        return make_facility(session, FacilityKind.MEAL_POINT, division_id=make_division(session).id)


@pytest.fixture
def steward(database: Database) -> dict[str, str]:
    return bearer(database, Grant(Role.STEWARD, "330702", kinds=frozenset({FacilityKind.MEAL_POINT})))


READS_AND_EDITS = (TokenScope.READ, TokenScope.EDIT)


def bearer(database: Database, *grants: Grant, scopes: Sequence[TokenScope] = READS_AND_EDITS) -> dict[str, str]:
    login = f"s-{uuid4().hex[:8]}"
    with database.write(actor="test") as session:
        make_account(session, login, *grants)
        issued = service.issue_token(session, login, name="x", scopes=scopes, days=1, actor=operator())
    return {"Authorization": f"Bearer {issued.secret}"}


@pytest.fixture
def contact(client: httpx.Client, centre: Facility, steward: dict[str, str]) -> str:
    """Where a contact of the centre is."""
    path = f"/api/v1/facilities/{centre.id}/contacts/{uuid4()}"
    answer = client.put(path, json=PERSON, headers=steward)
    assert answer.status_code == 200, answer.text
    return path


def shown(answer: httpx.Response) -> dict[str, object]:
    (found,) = answer.json()["items"]
    return {key: found[key] for key in WHOLE}


def test_who_keeps_a_facility_sees_its_contacts_whole_and_others_masked(
    client: httpx.Client, database: Database, centre: Facility, contact: str, steward: dict[str, str]
) -> None:
    path = contact.rpartition("/")[0]
    assert shown(client.get(path, headers=steward)) == WHOLE
    for grant in (
        Grant(Role.PLANNER),
        Grant(Role.STEWARD, "330703"),
        Grant(Role.STEWARD, "330702", kinds=frozenset({FacilityKind.CEMETERY})),
    ):
        other = bearer(database, grant)
        assert shown(client.get(path, headers=other)) == MASKED, grant
        assert client.get(contact, headers=other).status_code == 403, grant
        assert client.put(contact, json=PERSON, headers=other).status_code == 403, grant
        assert client.delete(contact, headers=other).status_code == 403, grant


def test_by_a_token_that_is_for_reading_one_sees_what_one_may(
    client: httpx.Client, database: Database, contact: str
) -> None:
    """It has nowhere to write, which is no reason to see less."""
    path = contact.rpartition("/")[0]
    keeps = bearer(database, Grant(Role.STEWARD, "330702"), scopes=[TokenScope.READ])
    assert shown(client.get(path, headers=keeps)) == WHOLE
    assert client.get(contact, headers=keeps).json()["phone"] == WHOLE["phone"]
    assert client.put(contact, json=PERSON, headers=keeps).json()["code"] == "scope-lacking"
    for role in (Role.PLANNER, Role.VIEWER):
        plans = bearer(database, Grant(role), scopes=[TokenScope.READ])
        assert shown(client.get(path, headers=plans)) == MASKED


def test_the_public_and_who_works_outdoors_is_shown_nothing(
    client: httpx.Client, database: Database, contact: str
) -> None:
    path = contact.rpartition("/")[0]
    assert client.get(path).status_code == 401
    for role in (Role.CONTRACTOR, Role.FIELD):
        answer = client.get(path, headers=bearer(database, Grant(role)))
        assert (answer.status_code, answer.json()["code"]) == (403, "not-your-role")


def test_the_record_s_page_shows_contacts_to_whoever_may(
    client: httpx.Client, database: Database, centre: Facility, contact: str, steward: dict[str, str]
) -> None:
    page = f"/facilities/{centre.id}"
    public = client.get(page, headers={"Accept": "text/html"}).text
    assert not any(word in public for word in ("138****", "0000 1234", "王"))
    assert "138 0000 1234" in client.get(page, headers=steward).text
    masked = client.get(page, headers=bearer(database, Grant(Role.PLANNER))).text
    assert "138****1234" in masked
    assert "0000 1234" not in masked


def test_a_name_that_is_a_script_is_text(
    client: httpx.Client, centre: Facility, contact: str, steward: dict[str, str]
) -> None:
    client.put(contact, json={**PERSON, "person": "<script>alert(1)</script>"}, headers=steward | ANY)
    page = client.get(f"/facilities/{centre.id}", headers=steward).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def reads(database: Database) -> list[str]:
    asked = "SELECT actor FROM audit_entry WHERE operation = 'read' AND table_name = 'facility_contact'"
    with database.write(actor="test") as session:
        return list(session.scalars(text(asked)))


def test_who_saw_a_number_is_in_the_audit_and_who_saw_stars_is_not(
    client: httpx.Client, database: Database, contact: str, steward: dict[str, str]
) -> None:
    path = contact.rpartition("/")[0]
    client.get(path, headers=bearer(database, Grant(Role.PLANNER)))
    assert reads(database) == []
    client.get(path, headers=steward)
    client.get(contact, headers=steward)
    assert len(reads(database)) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"person": " "}, {"phone": "none"}, {"phone": "1"}, {"person": "x" * 61}, {"post": "a\nb"}, {"digest_key": "x"}],
)
def test_what_is_no_contact_is_refused(
    client: httpx.Client, contact: str, steward: dict[str, str], wrong: dict[str, str]
) -> None:
    assert client.put(contact, json={**PERSON, **wrong}, headers=steward).status_code == 422


def test_a_contact_of_another_facility_is_not_reached_by_its_id(
    client: httpx.Client, database: Database, centre: Facility, contact: str, steward: dict[str, str]
) -> None:
    with database.write(actor="test") as session:
        other = make_facility(session, FacilityKind.MEAL_POINT, division_id=centre.division_id)
    elsewhere = contact.replace(str(centre.id), str(other.id))
    for answer in (
        client.get(elsewhere, headers=steward),
        client.put(elsewhere, json=PERSON, headers=steward),
        client.delete(elsewhere, headers=steward),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "contact-unknown")


def test_what_is_erased_is_gone_everywhere_and_the_audit_still_verifies(
    client: httpx.Client, database: Database, contact: str, steward: dict[str, str]
) -> None:
    client.put(contact, json={**PERSON, "phone": "139 0000 9999"}, headers=steward | ANY)
    seal(database)
    assert client.delete(contact, headers=steward | ANY).status_code == 204
    assert client.get(contact, headers=steward).status_code == 404
    seal(database)
    assert verify(database).whole
    with database.write(actor="test") as session:
        for table in ("facility_contact", "history.facility_contact"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        told = session.execute(
            text("SELECT operation, before, after FROM audit_entry WHERE table_name = 'facility_contact' ORDER BY id")
        ).all()
        said = session.scalar(text("SELECT string_agg(audit_entry::text, ' ') FROM audit_entry"))
    assert [row.operation for row in told] == ["insert", "update", "delete"]
    assert said is not None
    assert not any(word in said for word in ("王小明", "0000 1234", "0000 9999", "负责人"))


def test_whoever_changes_or_erases_a_contact_says_which_version_was_seen(
    client: httpx.Client, contact: str, steward: dict[str, str]
) -> None:
    tag = client.get(contact, headers=steward).headers["ETag"]
    other = {**PERSON, "phone": "139 0000 9999"}
    assert client.put(contact, json=PERSON, headers=steward).headers["ETag"] == tag
    assert client.put(contact, json=other, headers=steward).status_code == 428
    assert client.delete(contact, headers=steward).status_code == 428
    changed = client.put(contact, json=other, headers=steward | {"If-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)
    assert client.delete(contact, headers=steward | {"If-Match": tag}).status_code == 412
    assert client.delete(contact, headers=steward | {"If-Match": changed.headers["ETag"]}).status_code == 204
    assert client.put(contact, json=PERSON, headers=steward | ANY).status_code == 404
