"""Who may: accounts, teams and what they are granted; how they are known (passwords, sessions, tokens).

Every table here is private (ADR 0017). What is secret, even as a hash, stands in tables of its own that have no history
twin, so that a hash which was replaced is gone (ADR 0036).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.vocabulary import AccountState, FacilityKind, Role, TokenScope

DIGEST_BYTES = 32
"""Of SHA-256: what is kept of a session's or a token's secret, which is random and as long."""

_KINDS = ", ".join(f"'{kind.value}'" for kind in FacilityKind)
_SCOPES = ", ".join(f"'{scope.value}'" for scope in TokenScope)


class Account(Identified, Attributed, Base):
    """A person who may sign in; nobody is deleted, who leaves is disabled.

    `login` is what the person types and what history calls whoever acts; it stays for good. `must_change` is set where
    somebody else knows the password: until it is changed, the account may do nothing else. The password of a `demo`
    account is known to everyone: it is refused but at the machine itself (ADR 0049).
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("login ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name="login_well_formed"),
        CheckConstraint("display_name <> ''", name="display_name_given"),
        CheckConstraint(one_of("state", AccountState), name="state_known"),
    )

    login: Mapped[str]
    display_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=AccountState.ACTIVE.value)
    must_change: Mapped[bool] = mapped_column(server_default=text("false"))
    demo: Mapped[bool] = mapped_column(server_default=text("false"))


class AccountPassword(Base):
    """An account's password as an argon2id hash; an account without one can't sign in by a password."""

    __tablename__ = "account_password"
    __table_args__ = (CheckConstraint("hash LIKE '$argon2id$%'", name="hash_is_argon2id"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    hash: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp())


class Team(Identified, Attributed, Base):
    """People who are granted the same things together."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("key ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name="key_well_formed"),
        CheckConstraint("name <> ''", name="name_given"),
    )

    key: Mapped[str]
    name: Mapped[str]


class TeamMember(Identified, Attributed, Base):
    """That an account belongs, or belonged until `left_at`, to a team."""

    __tablename__ = "team_member"
    __table_args__ = (
        Index("uq_team_member_present", "account_id", "team_id", unique=True, postgresql_where=text("left_at IS NULL")),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    left_at: Mapped[datetime | None]


class RoleGrant(Identified, Attributed, Base):
    """A role that an account, or everyone of a team, has in a division and those within it, for some kinds or all.

    `division` is the first digits of a code, as many as its level has, and empty for the whole registry. `kinds` is
    empty for all. Before `valid_from` and from `valid_until` on it allows nothing. `by_group` is the group of the single
    sign-on that gave it, empty where somebody did (ADR 0050); one that somebody ended by hand is withheld from then on,
    for as long as the group would give it.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role_known"),
        # What everyone may do needs no grant.
        CheckConstraint(f"role <> '{Role.PUBLIC.value}'", name="role_is_not_everyones"),
        CheckConstraint("(account_id IS NULL) <> (team_id IS NULL)", name="one_holder"),
        CheckConstraint("division ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?$'", name="division_is_a_prefix"),
        CheckConstraint(f"kinds <@ ARRAY[{_KINDS}]::text[] AND kinds <> '{{}}'", name="kinds_known"),
        CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),
    )

    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    role: Mapped[str]
    division: Mapped[str] = mapped_column(server_default="")
    kinds: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    valid_from: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp())
    valid_until: Mapped[datetime | None]
    by_group: Mapped[str | None]
    withheld_at: Mapped[datetime | None]


class AccountIdentity(Identified, Base):
    """Who an account is at a single sign-on: its issuer, and what that calls the person for good (OIDC Core, `sub`)."""

    __tablename__ = "account_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("subject <> ''", name="subject_given"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]


class AccountSession(Base):
    """A person who signed in with a browser. The cookie's secret is kept as its SHA-256, which can't be turned back.

    It ends at `ended_at`, at `expires_at`, or when it wasn't `seen_at` for too long, whichever comes first.
    """

    __tablename__ = "account_session"
    __table_args__ = (
        CheckConstraint(f"octet_length(digest) = {DIGEST_BYTES}", name="digest_whole"),
        Index("ix_account_session_account_id", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]


class ApiToken(Identified, Attributed, Base):
    """What a program says instead of a password: it acts as its account, within `scopes`, until `expires_at`."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint(f"scopes <@ ARRAY[{_SCOPES}]::text[] AND scopes <> '{{}}'", name="scopes_known"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiTokenSecret(Base):
    """What a token is known by: the SHA-256 of its secret; and when it was last used, to the minute."""

    __tablename__ = "api_token_secret"
    __table_args__ = (CheckConstraint(f"octet_length(digest) = {DIGEST_BYTES}", name="digest_whole"),)

    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """How often signing in failed, by login name, by address and by browser; what makes the next attempt wait.

    The login name is kept as a SHA-256 of what was typed, whether there is such an account or not: people type
    passwords into the wrong field. A browser that an account was signed in from (`device`) is a row from then on, failures
    or none: the SHA-256 of the login name and of the secret that the browser keeps (ADR 0064).
    """

    __tablename__ = "sign_in_failure"
    __table_args__ = (CheckConstraint("by IN ('login', 'address', 'device')", name="by_known"),)

    by: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]


class OidcAttempt(Base):
    """Somebody on the way to the single sign-on and back; known by the SHA-256 of its state, and good once."""

    __tablename__ = "oidc_attempt"
    __table_args__ = (CheckConstraint(f"octet_length(digest) = {DIGEST_BYTES}", name="digest_whole"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    following: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
