"""Tags of records: what a reader already has isn't sent again, and a writer says which version he has seen.

A record's tag (RFC 9110, 8.8.3) changes whenever something that is shown of it does (ADR 0046).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from geo_registry.db.revisions import WHICHEVER, Seen, digest_of
from geo_registry.errors import RecordChanged, TagMalformed, VersionNeeded

Out = TypeVar("Out")

TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')
ANY = "*"

REVALIDATED = {"Cache-Control": "no-cache"}
"""A record may be kept, and is asked for before it is used again: somebody may have changed it."""

PERSONAL = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""The same, by the reader's own program alone, and anew when somebody else reads with it."""

TAGGED: Mapping[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "description": "The record's version: send it as If-Match to change the record",
                "schema": {"type": "string"},
            }
        }
    },
    304: {"description": "It is the version that If-None-Match names"},
}
"""What a route that shows one record answers, for its description in OpenAPI."""


VERSIONED = (RecordChanged, TagMalformed, VersionNeeded)
"""What whoever changes a record may be answered for its version's sake."""


def etag(version: str) -> str:
    """A version as the header `ETag` has it."""
    return f'"{version}"'


async def asked_if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The record's ETag as it was read; `*` for whatever version it is",
            max_length=1000,
            examples=['"0f3a5c"'],
        ),
    ] = None,
) -> Seen | None:
    """The versions that a writer has seen; None where the header isn't there.

    Weak tags are compared with nothing (RFC 9110, 13.1.1).

    Raises
    ------
    TagMalformed
        It holds no tags.
    """
    if if_match is None:
        return None
    if if_match.strip() == ANY:
        return WHICHEVER
    found = [TAG.fullmatch(each) for each in if_match.split(",")]
    if not all(found):
        raise TagMalformed(text=if_match)
    return Seen(frozenset(each[2] for each in found if each is not None and not each[1]))


IfMatch = Annotated[Seen | None, Depends(asked_if_match)]
"""What every route that changes a record asks for; its service refuses a writer who doesn't say (`require_seen`)."""


@dataclass(frozen=True, slots=True)
class Shower:
    """Shows one record with its tag, or says that the reader has it."""

    request: Request
    response: Response

    def show(
        self, version: str, shape: Callable[[], Out], *, settled: bool = True, personal: bool = False
    ) -> Out | Response:
        """What `shape` makes, tagged; nothing of it where the reader has that version already.

        `settled` is false where what is shown changes without the record's version: then it is always sent. `personal`
        says that not everybody is shown the same of it: then nobody on the way keeps it.
        """
        headers = {"ETag": etag(version), **(PERSONAL if personal else REVALIDATED)}
        if settled and _names(self.request.headers.get("if-none-match", ""), version):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        self.response.headers.update(headers)
        return shape()


def version_of(shown: BaseModel) -> str:
    """The version of what has none of its own: a digest of all that is shown."""
    return digest_of(shown.model_dump_json())


def _names(header: str, version: str) -> bool:
    """Whether If-None-Match names a version; weak tags count as well (RFC 9110, 13.1.2), what is no tag doesn't."""
    if header.strip() == ANY:
        return True
    return any(found is not None and found[2] == version for found in map(TAG.fullmatch, header.split(",")))


async def shower(
    request: Request,
    response: Response,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match", description="An ETag that the reader has: answered with 304 while it is the record's"
        ),
    ] = None,
) -> Shower:
    """The shower of this request's record."""
    del if_none_match  # read from the request; this tells of it in OpenAPI
    return Shower(request=request, response=response)


ShowerDep = Annotated[Shower, Depends(shower)]
