"""`/sign-in/oidc`: to the city's single sign-on, back, and out of it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import base_url, database_of, settings_of
from api.visitors import (
    away_secret,
    drop_away_cookie,
    keep_away_cookie,
    keep_session_cookie,
    origin_of,
    session_secret,
)
from api.web.accounts import HOME, own_path
from geo_registry.accounts import single_sign_on
from geo_registry.accounts.identity import Limits
from geo_registry.accounts.provider import Provider, provider_for
from geo_registry.accounts.single_sign_on import Back
from geo_registry.errors import SingleSignOnOff

BACK = "/sign-in/oidc/callback"

MOST_SENT = 4_000
"""Characters of what the provider sends along; codes are some hundreds."""

router = APIRouter(include_in_schema=False)

Sent = Annotated[str, Query(max_length=MOST_SENT)]


@router.get("/sign-in/oidc")
def set_out(request: Request, following: Annotated[str, Query(alias="next", max_length=2_000)] = "") -> Response:
    """To the single sign-on; from there one comes back signed in."""
    way = single_sign_on.set_out(
        database_of(request), _provider(request), redirect_uri=_redirect_uri(request), following=own_path(following)
    )
    response = RedirectResponse(way.address, status_code=HTTPStatus.SEE_OTHER)
    keep_away_cookie(request, response, way.secret)
    return response


@router.get(BACK)
def come_back(request: Request, *, state: Sent = "", code: Sent = "", error: Sent = "", iss: Sent = "") -> Response:
    """Back from there: signed in, and on to where one was going."""
    settings = settings_of(request)
    signed_in, following = single_sign_on.come_back(
        database_of(request),
        _provider(request),
        Back(secret=away_secret(request), state=state, code=code, error=error, issuer=iss),
        redirect_uri=_redirect_uri(request),
        origin=origin_of(request),
        limits=Limits.of(settings),
        settings=settings,
        previous=session_secret(request),
    )
    response = RedirectResponse(own_path(following) or HOME, status_code=HTTPStatus.SEE_OTHER)
    keep_session_cookie(request, response, signed_in)
    drop_away_cookie(request, response)
    return response


@router.get("/sign-in/oidc/leave")
def leave(request: Request) -> Response:
    """Out of the single sign-on too, for who is out of this registry already."""
    there = _provider(request).leaving(back_to=f"{base_url(request)}{HOME}")
    return RedirectResponse(there or HOME, status_code=HTTPStatus.SEE_OTHER)


def _provider(request: Request) -> Provider:
    found = provider_for(settings_of(request))
    if found is None:
        raise SingleSignOnOff
    return found


def _redirect_uri(request: Request) -> str:
    """The address that the provider sends browsers back to; it has to know it beforehand."""
    return f"{base_url(request)}{BACK}"
