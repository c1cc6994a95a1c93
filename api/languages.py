"""Which language a client reads."""

from starlette.requests import Request
from starlette.responses import Response

ZH = "zh-CN"
EN = "en"
LOCALES = (ZH, EN)


def locale_of(request: Request) -> str:
    """The language of `Accept-Language` that the product speaks best; the settings' where it names none of ours."""
    return preferred(request.headers.get("accept-language", ""), default=request.app.state.settings.locale)


def say_language(request: Request, response: Response) -> str:
    """The language that is answered in, which the answer's headers then tell."""
    locale = locale_of(request)
    response.headers.update({"Content-Language": locale, "Vary": "Accept-Language"})
    return locale


def preferred(accepted: str, *, default: str) -> str:
    """The first of ``zh`` and ``en`` in an `Accept-Language` header by its weights (RFC 9110 §12.5.4)."""
    best, best_weight = default, 0.0
    for part in accepted.split(","):
        language, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        known = {"zh": ZH, "en": EN}.get(language.strip().lower().split("-")[0])
        if known is not None and weight > best_weight:
            best, best_weight = known, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
