"""Whom to call at a facility: shown by role, set by who keeps it, erased for good; the audit verifies all the while."""

import re
from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.sealing import seal
from geo_registry.accounts.verifying import verify
from geo_registry.db.session import Database
from geo_registry.model import Facility
from geo_registry.settings import Settings
from geo_registry.vocabulary import FacilityKind, Role, TokenScope
from tests.factories import make_account, make_division, make_facility, operator
from tests.http.test_accounts import PASSWORD, form_token, sign_in

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


def reads(database: Database) -> list[str]:
    asked = "SELECT actor FROM audit_entry WHERE operation = 'read' AND table_name = 'facility_contact'"
    with database.write(actor="test") as session:
        return list(session.scalars(text(asked)))


# On the record's page.


class Office:
    """Somebody who is signed in with a browser."""

    def __init__(self, client: httpx.Client, database: Database, settings: Settings, *grants: Grant) -> None:
        login = f"p-{uuid4().hex[:8]}"
        with database.write(actor="test") as session:
            make_account(session, login, *grants, password=PASSWORD, passwords=passwords_for(settings))
        self.client = client
        client.cookies.clear()
        client.headers["Accept"] = "text/html"
        sign_in(client, login)

    def send(self, page: str, path: str, **fields: str) -> httpx.Response:
        """A form of a page, sent to `path`."""
        return self.client.post(path, data={"csrf": form_token(self.client, page), **fields})


@pytest.fixture
def keeper(client: httpx.Client, database: Database, settings: Settings, contact: str) -> Office:
    return Office(client, database, settings, Grant(Role.STEWARD, "330702", kinds=frozenset({FacilityKind.MEAL_POINT})))


def of_page(contact: str) -> tuple[str, str]:
    """The page that a contact is on, and what its forms are sent to."""
    address = contact.removeprefix("/api/v1")
    return address.partition("/contacts")[0], address


NUMBER = re.compile(r"138 0000 1234|tel:")


def test_the_public_is_shown_nothing_of_it_on_the_record(
    client: httpx.Client, database: Database, settings: Settings, contact: str
) -> None:
    page, _ = of_page(contact)
    client.headers["Accept"] = "text/html"
    public = client.get(page)
    assert not any(word in public.text for word in ("138****", "0000 1234", "王", "contacts", "Contacts"))
    assert "Set-Cookie" not in public.headers
    outdoors = Office(client, database, settings, Grant(Role.FIELD))
    assert "contacts" not in outdoors.client.get(page).text


def test_the_office_sees_it_masked_and_can_do_nothing_about_it(
    client: httpx.Client, database: Database, settings: Settings, contact: str
) -> None:
    page, form = of_page(contact)
    office = Office(client, database, settings, Grant(Role.PLANNER))
    shown = office.client.get(page)
    assert "138****1234" in shown.text
    assert not NUMBER.search(shown.text)
    assert f'action="{form}' not in shown.text
    assert "erase" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    for path, fields in ((f"{form}/see", {}), (form, {"person": "x", "phone": "120"}), (f"{form}/erase", {})):
        assert office.send("/me", path, **fields).status_code == 403, path
    assert office.client.get(f"{form}/erase").status_code == 403


def test_a_number_is_shown_whole_when_it_is_asked_for_and_the_audit_says_by_whom(
    database: Database, keeper: Office, contact: str
) -> None:
    page, form = of_page(contact)
    masked = keeper.client.get(page).text
    assert "138****1234" in masked
    assert not NUMBER.search(masked)
    assert reads(database) == []
    seen = keeper.send(page, f"{form}/see")
    assert seen.status_code == 200
    assert 'href="tel:13800001234"' in seen.text
    assert len(reads(database)) == 1
    assert seen.headers["Cache-Control"] == "no-store"


def test_a_contact_is_added_changed_and_erased_by_forms(
    *, client: httpx.Client, database: Database, keeper: Office, contact: str, steward: dict[str, str]
) -> None:
    page, form = of_page(contact)
    (new,) = re.findall(r'action="(/facilities/[^"]*/contacts/[0-9a-f-]{36})#contacts"', keeper.client.get(page).text)
    assert new != form
    fields = {"person": "李娜", "post": "值班室", "phone": "0579-1234567"}
    for _ in range(2):
        # Sent twice, it is one contact.
        kept = keeper.send(page, new, **fields)
        assert (kept.status_code, kept.headers["Location"]) == (303, f"{page}#contacts")
    told = keeper.client.get(page).text
    assert "The contact is saved." in told
    assert told.count(f'action="{new}/see#contacts"') == 1
    seen = keeper.send(page, f"{new}/see").text
    (version,) = re.findall(r'name="seen" value="(\w+)"', seen)
    assert f'action="{new}#contacts"' in seen
    assert keeper.send(page, new, **fields, seen=version).status_code == 303
    changed = keeper.send(page, new, **(fields | {"phone": "120"}), seen=version)
    assert changed.status_code == 303
    looked = len(reads(database))
    late = keeper.send(page, new, **(fields | {"phone": "119"}), seen=version)
    assert (late.status_code, 'data-refused="record-changed"' in late.text) == (412, True)
    assert 'value="119"' in late.text
    # What it says by now is shown, which the audit notes; with that version it is saved.
    assert 'href="tel:120"' in late.text
    assert len(reads(database)) == looked + 1
    (present,) = re.findall(r'name="seen" value="(\w+)"', late.text)
    assert present != version
    unseen = keeper.send(page, new, **(fields | {"phone": "119"}))
    assert (unseen.status_code, f'name="seen" value="{present}"' in unseen.text) == (428, True)
    assert keeper.send(page, new, **(fields | {"phone": "119"}), seen=present).status_code == 303
    client.headers["Accept"] = "application/json"
    phones = {each["phone"] for each in client.get(f"/api/v1{page}/contacts", headers=steward).json()["items"]}
    assert phones == {"138 0000 1234", "119"}
    client.headers["Accept"] = "text/html"
    asked = keeper.client.get(f"{new}/erase")
    assert asked.status_code == 200
    assert "李*" in asked.text
    assert "李娜" not in asked.text
    gone = keeper.send(page, f"{new}/erase")
    assert (gone.status_code, gone.headers["Location"]) == (303, f"{page}#contacts")
    assert "李*" not in keeper.client.get(page).text
    assert keeper.client.get(f"{new}/erase").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"), [({"phone": "none"}, "phone"), ({"person": " "}, "person"), ({"post": "x" * 61}, "post")]
)
def test_bad_input_keeps_what_was_typed(keeper: Office, contact: str, wrong: dict[str, str], field: str) -> None:
    page, form = of_page(contact)
    typed = {"person": "我写的名字", "post": "我写的职务", "phone": "139 9999 8888"} | wrong
    refused = keeper.send(page, form.rpartition("/")[0] + f"/{uuid4()}", **typed)
    assert refused.status_code == 422
    assert f'<a href="#{field}">' in refused.text
    assert f'id="{field}-error"' in refused.text
    for name, value in typed.items():
        assert re.search(rf'name="{name}"[^>]* value="{value}"', refused.text), name


def test_a_form_of_another_session_changes_nothing(keeper: Office, contact: str) -> None:
    _, form = of_page(contact)
    for path in (form, f"{form}/see", f"{form}/erase"):
        answer = keeper.client.post(path, data={"csrf": "x", "person": "x", "phone": "120"})
        assert (answer.status_code, "form-outdated" in answer.text) == (403, True), path


def test_whoever_isnt_signed_in_is_sent_to_or_refused(client: httpx.Client, contact: str) -> None:
    _, form = of_page(contact)
    asked = client.get(f"{form}/erase")
    assert (asked.status_code, asked.headers["Location"].startswith("/sign-in?next=")) == (303, True)
    for path in (form, f"{form}/see", f"{form}/erase"):
        assert client.post(path, data={"person": "x", "phone": "120"}).status_code == 401, path


@pytest.mark.parametrize("which", ["nonsense", "0f8fad5b-d9cb-469f-a165-70867728950e"])
def test_a_contact_that_isnt_there_is_said(keeper: Office, contact: str, which: str) -> None:
    page, form = of_page(contact)
    there = f"{form.rpartition('/')[0]}/{which}"
    assert keeper.client.get(f"{there}/erase").status_code == 404
    assert keeper.send(page, f"{there}/see").status_code == 404
    assert keeper.send(page, f"{there}/erase").status_code == 404
    assert keeper.send(page, f"/facilities/nonsense/contacts/{which}/see").status_code in {400, 422}


def test_a_name_that_is_a_script_is_text(
    client: httpx.Client, keeper: Office, contact: str, steward: dict[str, str]
) -> None:
    client.put(contact, json={**PERSON, "person": "<script>alert(1)</script>"}, headers=steward | ANY)
    page, form = of_page(contact)
    shown = keeper.send(page, f"{form}/see").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


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
