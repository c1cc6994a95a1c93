"""How a page is made: its template, what every page knows, and the headers that go with it."""

import json
from collections.abc import Mapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import settings_of
from api.languages import LOCALES
from api.visitors import done_just_now, forget_done
from api.web import navigation, translation
from api.web.preferences import address_with, preferences_of, remember, turned
from geo_registry import figures

TEMPLATES = Path(__file__).parent / "templates"


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as the reader wants it; `values` are its own."""
    wanted = preferences_of(request)
    zone = settings_of(request).time_zone
    visitor = getattr(request.state, "visitor", None)
    text = environment(wanted.locale).get_template(template)
    done = done_just_now(request) if status < HTTPStatus.BAD_REQUEST else ""
    html = text.render(
        wanted=wanted,
        turned=turned(wanted),
        locale=wanted.locale,
        here=request.url.path,
        visitor=visitor,
        pages=navigation.pages(visitor, wanted, here=request.url.path),
        address_with=partial(address_with, request),
        day=partial(translation.day, locale=wanted.locale),
        moment=partial(translation.moment, locale=wanted.locale, zone=zone),
        whole=figures.whole,
        percent=partial(figures.percent, locale=wanted.locale),
        done=done,
        **values,
    )
    headers = {
        "Content-Language": wanted.locale,
        "Vary": "Accept-Language, Cookie",
        "Cache-Control": "private, no-cache",
    }
    response = HTMLResponse(html, status_code=status, headers=headers)
    remember(request, response)
    if done:
        forget_done(request, response)
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
    made.policies["json.dumps_function"] = _dumps
    return made


def warm_templates() -> None:
    """Read and compile every template, so that nobody waits for it."""
    for locale in LOCALES:
        for name in environment(locale).list_templates():
            environment(locale).get_template(name)


def _dumps(value: Any, **options: Any) -> str:
    """JSON for a script: texts of `_("…", name=…)` come escaped for HTML, which a script would show as it stands."""
    return json.dumps(_unescaped(value), **options)


def _unescaped(value: Any) -> Any:
    match value:
        case Markup():
            return value.unescape()
        case Mapping():
            return {key: _unescaped(each) for key, each in value.items()}
        case list() | tuple():
            return [_unescaped(each) for each in value]
        case _:
            return value
