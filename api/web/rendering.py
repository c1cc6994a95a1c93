"""How a page is made: its template, what every page knows, and the headers that go with it."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import settings_of
from api.web import translation
from api.web.preferences import THEMES, VIEWS, address_with, preferences_of, remember, turned

TEMPLATES = Path(__file__).parent / "templates"


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as the reader wants it; `values` are its own."""
    wanted = preferences_of(request)
    zone = settings_of(request).time_zone
    text = environment(wanted.locale).get_template(template)
    html = text.render(
        wanted=wanted,
        turned=turned(wanted),
        themes=THEMES,
        views=VIEWS,
        locale=wanted.locale,
        here=request.url.path,
        visitor=getattr(request.state, "visitor", None),
        address_with=partial(address_with, request),
        day=partial(translation.day, locale=wanted.locale),
        moment=partial(translation.moment, locale=wanted.locale, zone=zone),
        **values,
    )
    headers = {
        "Content-Language": wanted.locale,
        "Vary": "Accept-Language, Cookie",
        "Cache-Control": "private, no-cache",
    }
    response = HTMLResponse(html, status_code=status, headers=headers)
    remember(request, response)
    return response


@cache
def environment(locale: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translation.catalogue(locale), newstyle=True)  # type: ignore[attr-defined]
    return made
