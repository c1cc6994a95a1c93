"""What the pages of an account and of a team share: what they are granted, in a table, and the forms to give and take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.deps import settings_of, writing
from api.visitors import visitor_of
from api.web.admin.frame import MOST_TYPED, Filled, day_typed, outdated, said_together, seen_typed
from geo_registry import clock
from geo_registry.accounts import service
from geo_registry.accounts.actors import WHOLE_REGISTRY, Grant
from geo_registry.accounts.queries import GrantRow
from geo_registry.accounts.service import Holder
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import (
    DivisionUnknown,
    DomainError,
    FacilityKindUnknown,
    GrantInvalid,
    NotFound,
    RecordChanged,
    VersionNeeded,
)
from geo_registry.vocabulary import FacilityKind, Role

MOST_TICKED = 100

Line = Annotated[str, Field(max_length=MOST_TYPED)]


class _Taking(BaseModel):
    role: Line = ""
    division: Line = ""
    seen: Line = ""
    csrf: Line = ""


class _Giving(_Taking):
    kinds: Annotated[list[Line], Field(max_length=MOST_TICKED)] = []
    until: Line = ""


TypedGrant = Annotated[_Giving, Form()]
"""The form of granting, as it was sent."""
TypedEnd = Annotated[_Taking, Form()]
"""The button that takes a grant back, likewise."""


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A grant as a page lists it; one that somebody gave, and that isn't over, can be taken back."""

    role: str
    division: str
    kinds: str
    until: str
    through: str
    in_force: bool
    key: tuple[str, str] | None
    """The role and the division by which it is taken back."""


def shown(rows: Sequence[GrantRow], locale: str) -> Mapping[str, Any]:
    """What a page needs to show grants, and to offer the form of another."""
    return {
        "grants": [_shown(row, locale) for row in rows],
        "roles": [(role.value, role.label(locale)) for role in Role if role is not Role.PUBLIC],
        "kinds": [(kind.value, kind.label(locale)) for kind in FacilityKind],
    }


def _shown(row: GrantRow, locale: str) -> GrantShown:
    grant, now = row.grant, clock.now()
    return GrantShown(
        role=grant.role.label(locale),
        division=grant.division,
        kinds=said_together([kind.label(locale) for kind in FacilityKind if kind in (grant.kinds or ())], locale),
        until=grant.valid_until.date().isoformat() if grant.valid_until else "",
        through=row.team or row.group or "",
        in_force=grant.is_in_force(now),
        key=(grant.role.value, grant.division)
        if row.team is None and (grant.valid_until is None or grant.valid_until > now)
        else None,
    )


def give(request: Request, holder: Holder, typed: _Giving) -> Filled | None:
    """Grant what the form says; the form to be shown again where that is refused, else None.

    Raises
    ------
    NotFound
        There is no such holder.
    """
    try:
        with writing(request, why="users grant") as db:
            service.grant_role(
                db, holder, _grant(request, typed), actor=visitor_of(request).actor, seen=seen_typed(typed.seen)
            )
    except DomainError as refused:
        if isinstance(refused, NotFound) and not isinstance(refused, DivisionUnknown):
            raise
        return Filled("grant", typed.model_dump(exclude={"csrf", "seen"}), refused)
    return None


def take(request: Request, holder: Holder, typed: _Taking) -> Filled | None:
    """End the grant that the button stands beside; where the page is of an older version, what is said above it.

    Raises
    ------
    DomainError
        As `service.end_grant`; there is no such role, or the division is none.
    """
    role, division = _role(typed.role), _prefix(typed.division)
    try:
        with writing(request, why="users grant") as db:
            service.end_grant(db, holder, role, division, actor=visitor_of(request).actor, seen=seen_typed(typed.seen))
    except (RecordChanged, VersionNeeded) as refused:
        return outdated(refused)
    return None


def _grant(request: Request, typed: _Giving) -> Grant:
    day = day_typed(typed.until)
    kinds = frozenset(_kind(kind) for kind in typed.kinds) or None
    return Grant(
        role=_role(typed.role),
        division=_prefix(typed.division),
        kinds=kinds,
        valid_until=clock.end_of(day, settings_of(request).zone) if day is not None else None,
    )


def _kind(typed: str) -> FacilityKind:
    try:
        return FacilityKind.of(typed)
    except ValueError:
        known = ", ".join(each.value for each in FacilityKind)
        raise FacilityKindUnknown(kind=typed, known=known) from None


def _role(typed: str) -> Role:
    try:
        return Role.of(typed)
    except ValueError:
        raise GrantInvalid(reason_zh="没有这个角色", reason_en="there is no such role") from None


def _prefix(typed: str) -> str:
    """The first digits of a division that was typed; of the whole registry where nothing was."""
    return prefix_of(typed.strip()) if typed.strip() else WHOLE_REGISTRY
