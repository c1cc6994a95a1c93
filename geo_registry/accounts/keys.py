"""Secrets that are random: of sessions, of tokens, and passwords that are made for somebody."""

import secrets
from hashlib import sha256

SECRET_BYTES = 32
"""256 bits: never guessed, so a plain SHA-256 is kept of it and can be looked up by an index."""

TOKEN_MARK = "geo_"  # noqa: S105 - how a token begins, so that people and scanners of leaks know one
"""How a token begins."""

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for others when a password is read out."""
GROUPS, GROUP = 4, 4
"""16 characters of 31: 79 bits."""


def new_secret() -> str:
    """A secret that fits into a cookie and a header."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_token() -> str:
    """The secret of a token."""
    return TOKEN_MARK + new_secret()


def new_password() -> str:
    """A password to be handed over and changed: four groups of four."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(GROUP)) for _ in range(GROUPS))


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
