"""Ids for rows whose file has none: a digest of what identifies them, so that importing twice changes nothing."""

from collections.abc import Iterable
from hashlib import blake2b

DIGEST_BYTES = 12
"""A collision among a billion rows has a chance of one in ten billion."""
BETWEEN = "\x1f"


def digest(parts: Iterable[object]) -> str:
    """The id of a row from the values that identify it, as the file has them."""
    return blake2b(BETWEEN.join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()
