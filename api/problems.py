"""Domain errors as RFC 9457 problem details: the only place that knows which refusal is which HTTP status."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.languages import EN, LOCALES, ZH, locale_of
from api.malformed import FieldProblem, field_problem, rows_of
from geo_registry.errors import (
    BadInput,
    BadQuery,
    BodyMalformed,
    CaseRowsRefused,
    Conflict,
    DatabaseUnavailable,
    DomainError,
    Forbidden,
    GrantNotInForce,
    IdempotencyKeyInUse,
    NotFound,
    NotYourDivision,
    NotYourRole,
    ParameterUnknown,
    PasswordMustChange,
    QueryMalformed,
    RecordChanged,
    ScopeLacking,
    SignInNeeded,
    StatementTooSlow,
    TokenRefused,
    TooManyTries,
    Unauthenticated,
    Unavailable,
    VersionNeeded,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:geo-registry:problem:"
RETRY_AFTER_S = 5
"""What a client is told to wait when something is down; long enough for a restart of the database."""

ANSWERED_AFTER_S = 1
"""What a client is told to wait where its own request is still being answered."""


# Refusals that only exist in HTTP.


class RouteUnknown(NotFound):
    """Nothing lies at the address."""

    code = "route-unknown"
    zh = "没有这个地址：{path}"
    en = "there is nothing at {path}"
    hint_zh = "接口列表见 /docs。"
    hint_en = "/docs lists what there is."


class MethodRefused(BadQuery):
    """The address doesn't take the method."""

    code = "method-refused"
    zh = "{path} 不支持 {method}"
    en = "{path} doesn't take {method}"
    hint_zh = "可用的方法见响应头 Allow 和 /docs。"
    hint_en = "The header Allow and /docs say which methods it takes."


class BodyTooLarge(BadInput):
    """The request's body is larger than the service reads."""

    code = "body-too-large"
    zh = "请求内容超过上限（{limit_mb:g} MB）"
    en = "the request's body is larger than {limit_mb:g} MB"
    hint_zh = "大批数据请用 `geo-registry import` 导入。"
    hint_en = "Import large data with `geo-registry import`."


class MediaTypeRefused(BadInput):
    """The request's body isn't said to be JSON."""

    code = "media-type-refused"
    zh = "请求内容的类型是“{media_type}”，应为 application/json"
    en = "the request's body is said to be {media_type!r}; it must be application/json"
    hint_zh = "请加上请求头 Content-Type: application/json。"
    hint_en = "Send the header Content-Type: application/json."


class RequestRefused(BadQuery):
    """The request isn't well-formed HTTP for this address."""

    code = "request-refused"
    zh = "请求无法处理：{reason}"
    en = "the request can't be handled: {reason}"
    hint_zh = "用法见 /docs。"
    hint_en = "/docs says how to ask."


class FormOutdated(Forbidden):
    """A cookie says who asks, and nothing shows that a page of ours sent it."""

    code = "form-outdated"
    zh = "页面已过期，或请求不是从本系统的页面发出的"
    en = "the page is outdated, or the request wasn't sent by a page of this service"
    hint_zh = "请刷新页面后重试；程序请用令牌，或带上请求头 X-CSRF-Token。"
    hint_en = "Reload the page and try again; programs use a token, or send the header X-CSRF-Token."


class AskedTooOften(TooManyTries):
    """Whoever asks did so too often lately."""

    code = "asked-too-often"
    zh = "请求过于频繁"
    en = "you ask too often"
    hint_zh = "请在 {wait_s} 秒后重试。"
    hint_en = "Try again in {wait_s} s."


class Unexpected(Unavailable):
    """The program failed where it should not."""

    code = "unexpected"
    zh = "程序出错（日志编号 {reference}）"
    en = "the program failed (log reference {reference})"
    hint_zh = "请把编号和时间告诉管理员。"
    hint_en = "Give the reference and the time to the operator."


STATUS: Mapping[type[DomainError], int] = {
    BadQuery: 400,
    BadInput: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    TooManyTries: 429,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
    StatementTooSlow: 504,
    RecordChanged: 412,
    VersionNeeded: 428,
    MethodRefused: 405,
    BodyTooLarge: 413,
    MediaTypeRefused: 415,
    Unexpected: 500,
    DomainError: 500,
}
"""By the nearest class; ADR 0008."""

JSON = re.compile(r"\s*application/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE)

FOR_PROGRAMS = ("/api/", "/tiles/", "/static/", "/healthz", "/readyz")
"""Below these, whoever asks is answered in JSON, a browser too: it is programs that live there."""

WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})

WHO_MAY = (
    SignInNeeded,
    TokenRefused,
    FormOutdated,
    PasswordMustChange,
    ScopeLacking,
    NotYourRole,
    GrantNotInForce,
    NotYourDivision,
)
"""What whoever changes something, or takes the machine's time, may be answered (docs/access.md)."""

EVERYWHERE = (QueryMalformed, ParameterUnknown, DatabaseUnavailable, StatementTooSlow)
"""What every route that asks the database may answer."""

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求有误", "Bad query"),
    401: ("须先登录", "Sign in first"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("方法不可用", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    412: ("版本已变", "Changed meanwhile"),
    413: ("内容过大", "Content too large"),
    415: ("内容类型不符", "Unsupported media type"),
    422: ("内容有误", "Malformed content"),
    428: ("须说明版本", "Version needed"),
    429: ("尝试过多", "Too many tries"),
    500: ("程序出错", "Internal error"),
    503: ("暂不可用", "Unavailable"),
    504: ("超过时限", "Took too long"),
}


EXAMPLE: JsonDict = {
    "type": "urn:geo-registry:problem:query-malformed",
    "title": "Bad query",
    "status": 400,
    "detail": "the query is malformed: limit: Input should be greater than or equal to 1",
    "instance": "/api/v1/facilities",
    "code": "query-malformed",
    "messages": {
        "zh-CN": "查询参数有误：limit: 不应小于 1",
        "en": "the query is malformed: limit: Input should be greater than or equal to 1",
    },
    "hint": "Correct the parameters that `errors` lists; /docs describes them.",
    "hints": {
        "zh-CN": "请修正 errors 中列出的参数；说明见 /docs。",
        "en": "Correct the parameters that `errors` lists; /docs describes them.",
    },
    "errors": [
        {
            "in": "query",
            "field": "limit",
            "code": "greater_than_equal",
            "message": "Input should be greater than or equal to 1",
            "messages": {"zh-CN": "不应小于 1", "en": "Input should be greater than or equal to 1"},
        }
    ],
}


class FieldProblemOut(BaseModel):
    """One field that is wrong."""

    place: Annotated[str, Field(alias="in", description="`query`, `path`, `header` or `body`")]
    field: Annotated[str, Field(description="The parameter, or the path of the field in the body, by dots")]
    code: str
    message: str
    messages: dict[str, str]


class Problem(BaseModel):
    """What was refused, why, and what to do (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    type: str
    title: str
    status: int
    detail: Annotated[str, Field(description="What is wrong, in the language of Accept-Language")]
    instance: Annotated[str, Field(description="The address that was asked")]
    code: Annotated[str, Field(description="Stable; programs decide by it")]
    messages: Annotated[dict[str, str], Field(description="`detail` in every language, by `zh-CN` and `en`")]
    hint: Annotated[str, Field(description="What to do about it, in the language of Accept-Language")]
    hints: Annotated[dict[str, str], Field(description="`hint` in every language")]
    errors: Annotated[list[FieldProblemOut] | None, Field(description="The fields that are wrong")] = None


def status_of(error: type[DomainError], *, has_body: bool = True) -> int:
    """The HTTP status that an error is answered with.

    What is wrong in a request without a body is its query, whatever the rule that finds it calls it.
    """
    for kind in error.__mro__:
        if kind in STATUS:
            return HTTPStatus.BAD_REQUEST if kind is BadInput and not has_body else STATUS[kind]
    msg = f"{error.__name__} belongs to no category"
    raise LookupError(msg)


ProblemPage = Callable[[Request, DomainError, int], Response]
"""What makes a page of an error and its status, for who asked with a browser."""

Introduce = Callable[[Request], None]
"""What finds out who asks, for the frame of such a page; it may ask the database."""


def wants_page(request: Request) -> bool:
    """Whether a person asks, with a browser, for something that isn't there for programs."""
    if request.method not in {"GET", "HEAD", "POST"} or request.url.path.startswith(FOR_PROGRAMS):
        return False
    accepted = request.headers.get("accept", "").lower()
    return any(part.partition(";")[0].strip() == "text/html" for part in accepted.split(","))


def problem_response(request: Request, error: DomainError, **members: Any) -> Response:
    """`error` as a problem, or as a page where a person asks; `members` are extensions beside the standard ones."""
    status = status_of(type(error), has_body=request.method not in WITHOUT_BODY)
    if wants_page(request):
        make_page: ProblemPage = request.app.state.problem_page
        response = make_page(request, error, status)
    else:
        response = _as_json(request, error, status, members)
    response.headers.add_vary_header("Accept")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(error.details["wait_s"])
    if isinstance(error, RecordChanged):
        response.headers["ETag"] = f'"{error.details["version"]}"'
    if isinstance(error, IdempotencyKeyInUse):
        response.headers["Retry-After"] = str(ANSWERED_AFTER_S)
    return response


def _as_json(request: Request, error: DomainError, status: int, members: Mapping[str, Any]) -> Response:
    locale = locale_of(request)
    body = {
        "type": TYPE_PREFIX + error.code,
        "title": TITLES[status][0 if locale == ZH else 1],
        "status": status,
        "detail": error.message(locale),
        "instance": request.url.path,
        "code": error.code,
        "messages": {each: error.message(each) for each in LOCALES},
        "hint": error.hint(locale),
        "hints": {each: error.hint(each) for each in LOCALES},
        **members,
    }
    headers = {"Content-Language": locale, "Vary": "Accept-Language"}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def answers(*errors: type[DomainError], has_body: bool = False) -> dict[int | str, dict[str, Any]]:
    """What a route that asks the database may refuse, for its description in OpenAPI.

    `errors` are its own; those that every such route shares come with them.
    """
    return refusals(*errors, *EVERYWHERE, has_body=has_body)


def refusals(*errors: type[DomainError], has_body: bool = False) -> dict[int | str, dict[str, Any]]:
    """One response a status, with the codes that it may have, and one for whatever else may happen."""
    by_status: dict[int, list[type[DomainError]]] = {}
    for error in errors:
        by_status.setdefault(status_of(error, has_body=has_body), []).append(error)
    described: dict[int | str, dict[str, Any]] = {
        status: _described("\n".join(f"- `{error.code}`: {_first_line(error)}" for error in group))
        for status, group in sorted(by_status.items())
    }
    return described | {"default": _described("Any other refusal")}


def _described(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _first_line(error: type[DomainError]) -> str:
    return (error.__doc__ or "").strip().splitlines()[0]


def unexpected(request: Request, error: Exception) -> Response:
    """Answer a failure of the program without saying anything about its insides; the log has them by the reference."""
    reference = uuid4().hex[:12]
    logger.error("%s %s failed, reference %s", request.method, request.url.path, reference, exc_info=error)
    return problem_response(request, Unexpected(reference=reference), reference=reference)


def install(app: FastAPI, *, page: ProblemPage, introduce: Introduce) -> None:
    """Answer every refusal of `app` as a problem; where a person asks, by `page`, after `introduce`."""
    app.state.problem_page = page

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)
        if wants_page(request) and not isinstance(error, Unavailable):
            introduce(request)
        if isinstance(error, CaseRowsRefused):
            return problem_response(request, error, errors=_errors(request, rows_of(error)))
        return problem_response(request, error)

    def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        media_type = request.headers.get("content-type", "")
        # The framework doesn't parse a body of another type, and then finds fault with what it didn't read.
        if isinstance(error.body, bytes) and error.body and not JSON.fullmatch(media_type):
            return problem_response(request, MediaTypeRefused(media_type=media_type))
        return _malformed(request, [field_problem(each) for each in error.errors()])

    def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = refused(request, _of_http(request, error))
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(DomainError, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, of_http)


def _malformed(request: Request, problems: Sequence[FieldProblem]) -> Response:
    told = {
        f"problems_{word}": "; ".join(f"{each.field}: {each.messages[locale]}" for each in problems)
        for word, locale in (("zh", ZH), ("en", EN))
    }
    asked_wrong = any(each.place != "body" for each in problems)
    error = QueryMalformed(**told) if asked_wrong else BodyMalformed(**told)
    return problem_response(request, error, errors=_errors(request, problems))


def _errors(request: Request, problems: Sequence[FieldProblem]) -> list[dict[str, Any]]:
    """Problems of fields, as the member `errors` has them."""
    locale = locale_of(request)
    return [
        FieldProblemOut.model_validate(
            {
                "in": each.place,
                "field": each.field,
                "code": each.code,
                "message": each.messages[locale],
                "messages": dict(each.messages),
            }
        ).model_dump(by_alias=True)
        for each in problems
    ]


def _of_http(request: Request, error: HTTPException) -> DomainError:
    """What the framework itself refuses, in our words."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return RouteUnknown(path=request.url.path)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodRefused(path=request.url.path, method=request.method)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BodyTooLarge(limit_mb=int(error.detail) / 1e6)
        case _:
            return RequestRefused(reason=error.detail)
