"""How a reader wants pages: language, colours, the large-type view; kept in cookies, changed by ordinary links."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.languages import LOCALES, ZH, locale_of

LANGUAGE, THEME, VIEW = "lang", "theme", "view"
"""Query parameters, and cookies of the same names."""

THEMES = ("auto", "light", "dark")
"""``auto`` is what the reader's system says."""

ELDER = "elder"
VIEWS = ("standard", ELDER)
"""``elder`` is 长辈版: text half as large again, strong contrast; for public pages."""

KEPT_FOR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a page is drawn for."""

    locale: str
    theme: str = THEMES[0]
    view: str = VIEWS[0]


def preferences_of(request: Request) -> Preferences:
    """What the address asks for, else what the cookies remember, else what the browser says."""
    return Preferences(
        locale=_chosen(request, LANGUAGE, LOCALES, locale_of(request)),
        theme=_chosen(request, THEME, THEMES, THEMES[0]),
        view=_chosen(request, VIEW, VIEWS, VIEWS[0]),
    )


def remember(request: Request, response: Response) -> None:
    """Keep what the address asked for."""
    wanted = preferences_of(request)
    for name, value in ((LANGUAGE, wanted.locale), (THEME, wanted.theme), (VIEW, wanted.view)):
        if name in request.query_params:
            response.set_cookie(
                name, value, max_age=KEPT_FOR_S, secure=request.url.scheme == "https", httponly=True, samesite="lax"
            )


def address_with(request: Request, changed: Mapping[str, str | None]) -> str:
    """The page's own address, its other parameters kept, with some changed and those that are None left away."""
    wanted = {**request.query_params, **changed}
    return f"{request.url.path}?{urlencode({name: value for name, value in wanted.items() if value is not None})}"


def turned(preferences: Preferences) -> Preferences:
    """The same in the other language."""
    return replace(preferences, locale=next(one for one in LOCALES if one != preferences.locale))


def _chosen(request: Request, name: str, known: tuple[str, ...], otherwise: str) -> str:
    for asked in (request.query_params.get(name, ""), request.cookies.get(name, "")):
        meant = ZH if asked == "zh" else asked
        if meant in known:
            return meant
    return otherwise
