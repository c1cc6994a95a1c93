"""`/names`: a name checked before it is given; what findings look like on a page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import reading, settings_of
from api.visitors import visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, sign_in_first
from api.web.maps import chart
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import box_of, names_of, names_within
from geo_registry.divisions.rules import codes_above, prefix_of
from geo_registry.errors import BadQuery, DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown, DomainError
from geo_registry.geo.bbox import BBox
from geo_registry.places import service
from geo_registry.places.checking import asked
from geo_registry.places.clearing import FindingRow
from geo_registry.places.rules.findings import Finding
from geo_registry.places.rules.law import cited_text
from geo_registry.vocabulary import DivisionLevel, Named, PlaceClass, Severity, Word

NAMES = "/names"

TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "plain"}

UNCHOSEN = BeforeValidator(lambda written: written or None)
"""A form sends also what nobody chose, as nothing."""

Size = Annotated[Annotated[float, Field(ge=0, allow_inf_nan=False)] | None, UNCHOSEN, Query()]

OFFERED = 400
"""Divisions whose names a field offers."""
OFFERED_LEVELS = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """Of which of two names that collide a person may decide on a finding, or why not."""

    type: Named
    record: str
    against: str
    refused: DomainError | None


@dataclass(frozen=True, slots=True)
class Card:
    """A finding as a page shows it."""

    finding: Finding
    tone: str
    text: str
    """The article, word for word; empty where it isn't at hand."""
    where: str
    """Where what it collides with lies."""
    row: FindingRow | None = None
    kind: Word | None = None
    """What bears the name: a class of places, or a level of divisions."""
    decided: Decided | None = None
    key: str = ""
    """What its form is called by."""
    at: str = ""
    """Where the name of the finding lies."""

    @property
    def own(self) -> str:
        """The page of what bears the name; empty for a name that isn't registered."""
        if self.row is None:
            return ""
        return _page(self.row.record, self.row.division_code, division=self.row.type is Named.DIVISION)

    @property
    def other(self) -> str:
        """The page of what it collides with; empty where that is nothing of the registry's."""
        other = self.finding.collides_with
        if other is None or other.id is None:
            return ""
        return _page(other.id, other.division, division=other.place_class is PlaceClass.DIVISION)

    @property
    def places(self) -> Sequence[tuple[str, str, str]]:
        """The places that a case could be about: the name of the finding, and of a pair the other one; id, name, where."""
        row, other, found = self.row, self.finding.collides_with, []
        if row is not None and row.type is Named.PLACE:
            found.append((str(row.record), row.name, self.at))
        if row is not None and row.paired and other is not None and other.place_class is not PlaceClass.DIVISION:
            found.append((str(other.id), other.name, self.where))
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several divisions of a name: its code, where it lies, and the page that asks of it."""

    code: str
    where: str
    address: str


@router.get("/names")
def names_page(
    *,
    request: Request,
    name: Annotated[str, Query(max_length=1_000)] = "",
    place_class: Annotated[PlaceClass | None, UNCHOSEN, Query(alias="class")] = None,
    division: Annotated[str, Query(max_length=100)] = "",
    at: Annotated[str, Query(max_length=100)] = "",
    width_m: Size = None,
    length_m: Size = None,
    area_m2: Size = None,
) -> Response:
    """A form, and what was found about the name that was typed into it."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.CHECK_NAME)
    cards: Sequence[Card] | None = None
    filled = EMPTY
    choices: Sequence[Choice] = ()
    place_class = place_class or PlaceClass.STREET
    size = {"width_m": width_m, "length_m": length_m, "area_m2": area_m2}
    with reading(request) as db:
        offered = offered_divisions(db, actor)
        if name.strip():
            try:
                question = asked(name, place_class, division=division.strip() or None, at=at.strip() or None, size=size)
                cards = cards_of(db, [(each, None) for each in service.check_name(db, question, actor=actor)])
            except (BadQuery, *UNPLACED) as refused:
                filled = Filled(name="check", refused=refused)
                choices = choices_of(db, refused, lambda _, code: _address(request, division=code))
        map_ = chart(db, settings_of(request), around=_around(db, actor, settings_of(request).home_division))
    return admin_page(
        request,
        "names.html",
        filled=filled,
        asked={"name": name, "class": place_class.value, "division": division, "at": at, **size},
        offered=offered,
        classes=[(each.value, each.label(locale)) for each in PlaceClass],
        cards=cards,
        choices=choices,
        chart=map_,
    )


def _around(db: ReadSession, actor: Actor, home: str) -> BBox | None:
    """What the map opens on: the first of the divisions that are the actor's own, or the registry's; None where it isn't registered."""
    own = next(iter(own_zones(actor)), home)
    try:
        return box_of(db, divisions.get_division(db, own).id)
    except (DivisionUnknown, DivisionCodeInvalid):
        return None


def _address(request: Request, **over: str) -> str:
    return f"{NAMES}?{urlencode({**request.query_params, **over})}"


UNPLACED = (DivisionCodeInvalid, DivisionUnknown, DivisionAmbiguous)
"""What a field that says a division by code or name may be refused for."""


def digits_said(db: ReadSession, said: str) -> str | None:
    """The first digits of a division that a field says by its code or its name; None where it says none.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous, DivisionCodeInvalid
        No division, or several, are called so.
    """
    if not said:
        return None
    return prefix_of(divisions.resolve(db, said).code if any(each.isalpha() for each in said) else said)


def own_zones(actor: Actor) -> Sequence[str]:
    """The divisions in which a person decides on names, by their first digits; none where it is the whole registry."""
    roles = policy.TABLE[Verb.CLEAR_FINDING].roles
    zones = {grant.division for grant in actor.in_force if grant.role in roles}
    return () if WHOLE_REGISTRY in zones else sorted(zones)


def offered_divisions(db: ReadSession, actor: Actor) -> Sequence[tuple[str, str]]:
    """What a field of divisions offers to choose from, each with its code: those of the actor, else of the whole registry."""
    found = names_within(db, own_zones(actor) or ("",), levels=OFFERED_LEVELS, limit=OFFERED)
    names = [each.name for each in found]
    return [(each.code if names.count(each.name) > 1 else each.name, f"{each.name} {each.code}") for each in found]


def choices_of(db: ReadSession, refused: DomainError, address: Callable[[str, str], str]) -> Sequence[Choice]:
    """The divisions that a name may mean which several bear, each with where it lies and the page that `address` makes of it."""
    if not isinstance(refused, DivisionAmbiguous):
        return ()
    name = str(refused.details["text"]).strip()
    found = divisions.called(db, name)
    where = paths_said(db, [row.code for row in found])
    return [Choice(row.code, where[row.code], address(name, row.code)) for row in found]


def _page(record: UUID, code: str | None, *, division: bool) -> str:
    return f"/divisions/{code}" if division else f"/places/{record}"


def paths_said(db: ReadSession, codes: Iterable[str | None]) -> Mapping[str | None, str]:
    """Of each code the divisions that it lies in, and its own, as one reads them; empty where none is known."""
    paths = {code: (*codes_above(code), code) for code in codes if code is not None}
    names = names_of(db, {each for path in paths.values() for each in path})
    said: dict[str | None, str] = {None: ""}
    for code, path in paths.items():
        said[code] = "".join(names[each].name for each in path if each in names)
    return said


def cards_of(
    db: ReadSession, told: Sequence[tuple[Finding, FindingRow | None]], actor: Actor | None = None
) -> Sequence[Card]:
    """Findings as a page shows them to somebody."""
    others = [finding.collides_with for finding, _ in told]
    where = paths_said(
        db,
        [
            *(other.division for other in others if other is not None),
            *(row.division_code for _, row in told if row is not None),
        ],
    )
    return [_card(finding, row, where, actor) for finding, row in told]


def _card(finding: Finding, row: FindingRow | None, where: Mapping[str | None, str], actor: Actor | None) -> Card:
    other = finding.collides_with
    return Card(
        finding,
        TONES[finding.severity],
        cited_text(finding.basis),
        where[other.division if other is not None else None],
        row,
        row.kind_label if row is not None else None,
        _decided(row, actor) if row is not None and actor is not None else None,
        f"f-{row.fid}" if row is not None else "",
        where[row.division_code] if row is not None else "",
    )


def _decided(row: FindingRow, actor: Actor) -> Decided:
    """A pair is decided on from whichever of its two names the actor may."""
    other = row.finding.collides_with
    against = str(other.id) if other is not None and other.id is not None else ""
    refused = policy.refusal(actor, Verb.CLEAR_FINDING, division=row.division_code)
    if refused is not None and row.paired and other is not None:
        of_type = Named.DIVISION if other.place_class is PlaceClass.DIVISION else Named.PLACE
        if policy.refusal(actor, Verb.CLEAR_FINDING, division=other.division) is None:
            return Decided(of_type, against, str(row.record), None)
    return Decided(row.type, str(row.record), against, refused)
