"""Who acts, with what grants, and how we know: values that every verb is given; no session, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geo_registry.vocabulary import FacilityKind, Nameless, Role, TokenScope, Way, Word

WHOLE_REGISTRY = ""
"""The division of a grant that is for all of them: every code begins with it."""

DIGITS_OF_LEVELS = (2, 4, 6, 9, 12)
"""How many first digits of a code name a province, a city, a county, a township, a village."""

READS_ONLY = frozenset({Role.PUBLIC, Role.VIEWER})
"""Roles that change no record; a test holds the policy to it."""

LETS_READ_ONLY = frozenset({TokenScope.READ})
"""Scopes of tokens that let nobody change a record; the same test."""

_PREFIX = re.compile("|".join(f"[0-9]{{{digits}}}" for digits in (0, *DIGITS_OF_LEVELS)))
_DIGITS = re.compile(r"[0-9]{2,12}")


class Known(Word):
    """How we know who acts."""

    NOT = "not", "未登录", "not signed in"
    AT_THE_MACHINE = "at-the-machine", "本机操作", "at the machine itself"
    BY_SESSION = "by-session", "网页登录", "signed in with a browser"
    BY_TOKEN = "by-token", "接口令牌", "by a token"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a division and those within it (`WHOLE_REGISTRY` for all), for some kinds or all, for a time.

    Raises
    ------
    ValueError
        `division` isn't the first digits of a code, as many as its level has; or it is for no kind at all.
    """

    role: Role
    division: str = WHOLE_REGISTRY
    kinds: frozenset[FacilityKind] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.division) or significant(self.division) != self.division:
            msg = f"{self.division!r} is no division's first digits"
            raise ValueError(msg)
        if self.kinds is not None and not self.kinds:
            msg = "a grant is for some kinds, or for all"
            raise ValueError(msg)

    def is_in_force(self, at: datetime) -> bool:
        """Whether it allows anything at a moment: from its beginning, and no longer at its end."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )

    def covers(self, division: str | None) -> bool:
        """Whether a division, by its code or first digits, lies within; None is the whole registry."""
        if self.division == WHOLE_REGISTRY:
            return True
        return division is not None and significant(division).startswith(self.division)

    def is_for(self, kind: FacilityKind | None) -> bool:
        """Whether it holds for a kind; None is every kind."""
        return self.kinds is None or (kind is not None and kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as known at the moment `at`.

    Attributes
    ----------
    name
        What history calls them: the login name of an account.
    account
        The account's id; None without one.
    grants
        All of them, of their teams too, in force or not: a refusal tells the one that is over.
    scopes
        What a token is limited to; None without a token.
    way
        By which way of the product they act; None for the process's own.
    must_change
        Somebody else knows the password: nothing but changing it is allowed.
    """

    name: str
    known: Known
    display_name: str = ""
    account: UUID | None = None
    grants: tuple[Grant, ...] = ()
    at: datetime | None = None
    address: str = ""
    way: Way | None = None
    scopes: frozenset[TokenScope] | None = None
    must_change: bool = False

    @property
    def in_force(self) -> tuple[Grant, ...]:
        """The grants that allow something now."""
        return tuple(grant for grant in self.grants if self.at is None or grant.is_in_force(self.at))

    @property
    def scope(self) -> Sequence[str]:
        """The divisions whose records the actor may change, by their first digits: the database's second wall.

        None by a token that lets change nothing; whoever reads what is private by one is a `policy.reader`.
        """
        if self.known is Known.AT_THE_MACHINE:
            return (WHOLE_REGISTRY,)
        if self.must_change or (self.scopes is not None and self.scopes <= LETS_READ_ONLY):
            return ()
        return tuple(sorted({grant.division for grant in self.in_force if grant.role not in READS_ONLY}))


def local_operator(address: str = "", way: Way | None = None) -> Actor:
    """Whoever works at the machine itself, as the user who owns the data directory: every right, and audited as such."""
    return Actor(name=Nameless.LOCAL_OPERATOR.value, known=Known.AT_THE_MACHINE, address=address, way=way)


def anonymous(address: str = "", way: Way | None = None) -> Actor:
    """Whoever didn't say who they are."""
    return Actor(name=Nameless.ANONYMOUS.value, known=Known.NOT, address=address, way=way)


def significant(code: str) -> str:
    """The first digits of a code that say which division it is: 330702000000 is 330702; what is no code stays as it is.

    As `divisions.rules.prefix_of`, which stands higher in the house and refuses what is no code.
    """
    if not _DIGITS.fullmatch(code):
        return code
    for digits in DIGITS_OF_LEVELS:
        if not code[digits:].strip("0"):
            return code[:digits]
    return code
