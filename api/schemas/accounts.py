"""Accounts, teams, grants and tokens over the wire; nothing that is secret, but what is shown once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor, Grant, Known
from geo_registry.accounts.policy import Verb, may_somewhere
from geo_registry.accounts.queries import AccountRow, GrantRow, TeamRow, TokenRow
from geo_registry.accounts.service import Added, Issued
from geo_registry.divisions.rules import prefix_of
from geo_registry.validation import one_line
from geo_registry.vocabulary import AccountState, FacilityKind, Role, TokenScope

MOST_CHARACTERS = 300
"""Of a name that is sent; what it may be is the service's to say."""

Text = Annotated[str, Field(max_length=MOST_CHARACTERS)]
Why = Annotated[
    str,
    Field(
        max_length=MOST_CHARACTERS,
        description="The reason, kept with the revision and in the audit",
        examples=["调任婺城区民政局"],
    ),
    AfterValidator(one_line),
]


def _as_sent(example: dict[str, Any]) -> ConfigDict:
    """What isn't asked for is refused: nobody sets what the operation doesn't set."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class GrantOut(BaseModel):
    """A role in a division and those within it, for some kinds or all, for a time."""

    role: Role
    division: Annotated[str | None, Field(description="The first digits of its code; null for the whole registry")]
    kinds: Annotated[list[FacilityKind] | None, Field(description="null for all")]
    valid_from: datetime | None
    valid_until: datetime | None
    team: Annotated[str | None, Field(description="The team that has it; null where it is the holder's own")] = None
    group: Annotated[str | None, Field(description="The group of the single sign-on that gave it")] = None

    @classmethod
    def of(cls, grant: Grant, *, team: str | None = None, group: str | None = None) -> Self:
        """A grant as it is sent."""
        return cls(
            role=grant.role,
            division=grant.division or None,
            kinds=sorted(grant.kinds) if grant.kinds is not None else None,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            team=team,
            group=group,
        )


def grants_out(rows: Sequence[GrantRow]) -> list[GrantOut]:
    """Grants as they are sent."""
    return [GrantOut.of(row.grant, team=row.team, group=row.group) for row in rows]


class MeOut(BaseModel):
    """Who asks, and what they may."""

    login: Annotated[str, Field(description="What history calls them")]
    name: str
    known: Annotated[Known, Field(description="How it is known who asks")]
    must_change: Annotated[bool, Field(description="The password has to be changed before anything else")]
    scopes: Annotated[list[TokenScope] | None, Field(description="What the token is for; null without one")]
    grants: list[GrantOut]
    may: Annotated[list[Verb], Field(description="Verbs of docs/access.md that are allowed somewhere")]

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """Somebody as they are told of themselves."""
        return cls(
            login=actor.name,
            name=actor.display_name,
            known=actor.known,
            must_change=actor.must_change,
            scopes=sorted(actor.scopes) if actor.scopes is not None else None,
            grants=[GrantOut.of(grant) for grant in actor.grants],
            may=[verb for verb in Verb if may_somewhere(actor, verb, oneself=True)],
        )


class UserOut(BaseModel):
    """An account with what it is granted, itself and by its teams."""

    login: str
    name: str
    state: AccountState
    must_change: Annotated[bool, Field(description="The password has to be changed before anything else")]
    demo: Annotated[bool, Field(description="Of the demonstration: good at the machine itself only")]
    created_at: datetime
    seen_at: datetime | None
    teams: Annotated[list[str], Field(description="The keys of the teams that it is of")]
    grants: list[GrantOut]

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        """A row as it is sent."""
        return cls(
            login=row.login,
            name=row.display_name,
            state=AccountState.of(row.state),
            must_change=row.must_change,
            demo=row.demo,
            created_at=row.recorded_at,
            seen_at=row.seen_at,
            teams=list(row.teams),
            grants=grants_out(row.given),
        )


class UserOrder(BaseModel):
    """An account to be made. It may do nothing until it is granted something, nor before its password is changed."""

    model_config = _as_sent({"login": "li.ming", "name": "李明（婺城区民政局）"})

    login: Annotated[Text, Field(description="2 to 40 of a–z, 0–9, '.', '_', '-'", examples=["li.ming"])]
    name: Annotated[Text, Field(examples=["李明（婺城区民政局）"])]
    why: Why = ""


class ReasonOrder(BaseModel):
    """Why something is done that needs nothing else said; it may be left out, and so may the whole body."""

    model_config = _as_sent({"why": "调离"})

    why: Why = ""


class PasswordOut(BaseModel):
    """A password that was made for an account: shown this once, and changed at the first sign-in."""

    login: str
    password: Annotated[str | None, Field(description="null where the answer is given again: it was shown once")]

    @classmethod
    def of(cls, added: Added) -> Self:
        """What was made, as it is sent once."""
        return cls(login=added.login, password=added.password)


class TeamOut(BaseModel):
    """A team: who is of it, and what they are granted together."""

    key: str
    name: str
    created_at: datetime
    members: Annotated[list[str], Field(description="Login names")]
    grants: list[GrantOut]

    @classmethod
    def of(cls, row: TeamRow) -> Self:
        """A row as it is sent."""
        return cls(
            key=row.key,
            name=row.name,
            created_at=row.recorded_at,
            members=list(row.members),
            grants=grants_out(row.given),
        )


class TeamOrder(BaseModel):
    """What a team is to be; what is left out stays as it is."""

    model_config = _as_sent({"name": "婺城区民政局", "join": ["li.ming"]})

    name: Annotated[Text | None, Field(description="Its name; makes the team where it isn't there")] = None
    join: Annotated[list[Text], Field(description="Login names of who joins", max_length=1000)] = []
    leave: Annotated[list[Text], Field(description="Login names of who leaves", max_length=1000)] = []
    why: Why = ""


class GrantOrder(BaseModel):
    """A role to be granted."""

    model_config = _as_sent({"role": "registrar", "division": "330702"})

    role: Role
    division: Annotated[
        str | None,
        Field(
            description="A division's code or its first digits; null for the whole registry",
            pattern="^[0-9]{2,12}$",
            examples=["330702"],
        ),
    ] = None
    kinds: Annotated[list[FacilityKind] | None, Field(description="null for all", min_length=1)] = None
    valid_until: Annotated[AwareDatetime | None, Field(description="Its end; null for good")] = None
    why: Why = ""

    def grant(self) -> Grant:
        """The value that the policy knows.

        Raises
        ------
        DivisionCodeInvalid
            The division isn't a code.
        """
        return Grant(
            role=self.role,
            division=_prefix(self.division),
            kinds=frozenset(self.kinds) if self.kinds is not None else None,
            valid_until=self.valid_until,
        )


class GrantEnd(BaseModel):
    """A role to be taken back, whatever the kinds."""

    model_config = _as_sent({"role": "registrar", "division": "330702"})

    role: Role
    division: Annotated[str | None, Field(description="As it was granted", pattern="^[0-9]{2,12}$")] = None
    why: Why = ""

    @property
    def prefix(self) -> str:
        """The division's first digits; DivisionCodeInvalid where it isn't a code."""
        return _prefix(self.division)


def _prefix(division: str | None) -> str:
    return prefix_of(division) if division is not None else WHOLE_REGISTRY


class TokenOut(BaseModel):
    """A token: everything but its secret."""

    id: UUID
    login: Annotated[str, Field(description="The account that it acts as")]
    name: str
    scopes: list[TokenScope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: Annotated[datetime | None, Field(description="When it was last used, to the minute")]

    @classmethod
    def of(cls, row: TokenRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            login=row.login,
            name=row.name,
            scopes=sorted(row.scopes),
            created_at=row.recorded_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            used_at=row.used_at,
        )


class TokenOrder(BaseModel):
    """A token to be made."""

    model_config = _as_sent({"login": "li.ming", "name": "每晚同步", "scopes": ["read", "plan"], "days": 30})

    login: Annotated[Text | None, Field(description="The account that it acts as; one's own where left out")] = None
    name: Annotated[Text, Field(description="What it is for", examples=["每晚同步"])]
    scopes: Annotated[list[TokenScope], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=366, description="How long it lasts")] = 90
    why: Why = ""


class IssuedOut(BaseModel):
    """A new token with its secret, which is shown this once."""

    id: UUID
    token: Annotated[
        str | None,
        Field(
            description="For the header `Authorization: Bearer …`; null where the answer is given again: it was shown once"
        ),
    ]
    expires_at: datetime

    @classmethod
    def of(cls, issued: Issued) -> Self:
        """What was made, as it is sent once."""
        return cls(id=issued.id, token=issued.secret, expires_at=issued.expires_at)
