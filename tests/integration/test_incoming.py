"""What other offices sent for filing is in the inbox of the office that takes it in (地名管理条例 art. 13)."""

from collections.abc import Sequence
from datetime import date
from itertools import count

import pytest

from geo_registry.accounts.actors import Actor, Grant
from geo_registry.cases import service
from geo_registry.db.paging import Page
from geo_registry.db.session import WriteSession
from geo_registry.errors import NotYourRole
from geo_registry.model import Division, NamingCase
from geo_registry.vocabulary import DivisionLevel, Role
from tests.factories import make_actor, make_division

_serial = count(1)


@pytest.fixture
def levels(session: WriteSession) -> dict[str, Division]:
    """A province, its city, a county and a district of it."""
    return {
        "33": make_division(session, "330000000000", name="浙江省", level=DivisionLevel.PROVINCE),
        "3307": make_division(session, "330700000000", name="金华市", level=DivisionLevel.CITY),
        "330781": make_division(session, "330781000000", name="兰溪市"),
        "330702": make_division(session, "330702000000", name="婺城区"),
    }


def filing(session: WriteSession, division: Division, approver: str = "government", state: str = "sent") -> str:
    record = NamingCase(
        number=f"{division.code[:6]}-2026-{next(_serial):04}",
        kind="naming",
        title="x",
        division_id=division.id,
        approver=approver,
        state="approved",
        approved_on=date(2026, 11, 1),
        filing=state,
        announcing="due",
    )
    session.add(record)
    session.flush()
    return record.number


def incoming(session: WriteSession, actor: Actor, limit: int = 50) -> Sequence[str]:
    return [row.number for row in service.list_incoming(session, Page(limit=limit), actor=actor).rows]


def registrar(prefix: str) -> Actor:
    return make_actor(Grant(Role.REGISTRAR, prefix))


@pytest.mark.parametrize(
    ("sender", "approver", "receivers"),
    [
        ("330781", "government", {"33", "3307"}),
        ("330781", "civil-affairs", {"33", "3307"}),
        ("330781", "department", {"33", "3307", "330781"}),
        # A district isn't named in article 12: it is the city that approves, and the province takes it in.
        ("330702", "government", {"33"}),
        ("3307", "government", {"33"}),
        ("33", "government", set()),
        ("330781", "state-department", set()),
    ],
)
def test_filing_is_in_the_inbox_of_the_office_that_takes_it_in(
    session: WriteSession, levels: dict[str, Division], sender: str, approver: str, receivers: set[str]
) -> None:
    number = filing(session, levels[sender], approver)

    assert {prefix for prefix in levels if incoming(session, registrar(prefix)) == [number]} == receivers


@pytest.mark.parametrize("state", ["due", "returned", "done"])
def test_what_was_not_sent_or_is_filed_waits_for_nobody(
    session: WriteSession, levels: dict[str, Division], state: str
) -> None:
    filing(session, levels["330781"], state=state)
    assert incoming(session, registrar("3307")) == []


def test_page_of_incoming_filings_goes_on_where_it_ended(session: WriteSession, levels: dict[str, Division]) -> None:
    filing(session, levels["330702"])
    second = filing(session, levels["330781"])
    first = service.list_incoming(session, Page(limit=1), actor=registrar("3307"))
    assert first.rows == []
    assert first.next_after is not None
    then = service.list_incoming(session, Page(limit=1, after=first.next_after), actor=registrar("3307"))
    assert [row.number for row in then.rows] == [second]


def test_all_incoming_filings_are_found_behind_however_many_of_other_offices(
    session: WriteSession, levels: dict[str, Division], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        filing(session, levels["330702"])
    own = filing(session, levels["330781"])
    monkeypatch.setattr(service, "INCOMING_AT_ONCE", 2)
    assert [row.number for row in service.every_incoming(session, actor=registrar("3307"))] == [own]


def test_filings_are_taken_in_by_registrars(session: WriteSession, levels: dict[str, Division]) -> None:
    filing(session, levels["330781"])
    assert incoming(session, make_actor(Grant(Role.SIGNER, "3307"))) == []
    with pytest.raises(NotYourRole):
        incoming(session, make_actor(Grant(Role.PUBLIC, "3307")))
