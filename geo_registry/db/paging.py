"""Keyset paging by `fid`: every page costs the same, and rows that come or go don't shift the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: rows with `fid` greater than `after`, at most `limit`."""

    after: int = 0
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of rows and the `after` of the next one, None where this is the last."""

    rows: Sequence[Row]
    next_after: int | None


def listing(rows: Sequence[Row], page: Page, fid: Callable[[Row], int]) -> Listing[Row]:
    """Cut `rows`, fetched with a limit of one more than the page's, into a page and its continuation."""
    if len(rows) <= page.limit:
        return Listing(rows=rows, next_after=None)
    kept = rows[: page.limit]
    return Listing(rows=kept, next_after=fid(kept[-1]))
