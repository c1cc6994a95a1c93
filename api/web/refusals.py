"""Refusals as pages: what is wrong and what to do, in the frame of every page."""

from starlette.requests import Request
from starlette.responses import Response

from api.languages import ZH
from api.problems import TITLES
from api.web.preferences import preferences_of
from api.web.rendering import page
from geo_registry.errors import DomainError


def page_of(request: Request, error: DomainError, status: int) -> Response:
    """The page that says `error`, with its HTTP status; it asks nothing of the database, which may be what is down."""
    locale = preferences_of(request).locale
    return page(
        request,
        "refusal.html",
        status=status,
        number=status,
        title=TITLES[status][0 if locale == ZH else 1],
        message=error.message(locale),
        hint=error.hint(locale),
        code=error.code,
    )
