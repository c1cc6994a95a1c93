"""`/docs`: the API's own description, OpenAPI, as a page to be read, searched and tried by curl (ADR 0035)."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import base_url
from api.web.rendering import page

Json = Mapping[str, Any]

CODE = re.compile(r"`([^`]+)`")

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation or a property of a schema."""

    name: str
    place: str
    """`path` or `query`; of a property empty."""
    type: Markup
    required: bool
    about: Markup
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer with one status."""

    status: str
    about: Markup
    contents: Sequence[tuple[str, Markup]]
    """Media types, each with its type."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    about: Markup
    parameters: Sequence[Field]
    body: Markup
    """The type of the request's body; empty where it takes none."""
    examples: Sequence[tuple[str, str]]
    """Bodies, each with its title."""
    answers: Sequence[Answer]
    curl: str


ALWAYS_SENT = frozenset({"If-Match"})
"""Headers that a service refuses to do without, though the description can't say that they are required: then it would
refuse who may not, too, for their sake."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A named shape of the API."""

    name: str
    about: Markup
    type: Markup
    """Where it has no fields of its own."""
    fields: Sequence[Field]


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every operation and every schema."""
    described = request.app.openapi()
    info = described["info"]
    schemas = described["components"]["schemas"]
    return page(
        request,
        "docs.html",
        version=info["version"],
        about=told(info["description"]),
        groups=_groups(described["paths"], schemas, base_url(request)),
        schemas=[_schema(name, each) for name, each in sorted(schemas.items())],
    )


def _groups(paths: Json, schemas: Json, base: str) -> Mapping[str, Sequence[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for path, methods in paths.items():
        for method, each in methods.items():
            groups.setdefault(each["tags"][0], []).append(_operation(path, method, each, schemas, base))
    return groups


def _operation(path: str, method: str, each: Json, schemas: Json, base: str) -> Operation:
    taken = each.get("requestBody", {}).get("content", {}).get("application/json", {})
    bodies = dict(_bodies(taken, schemas))
    return Operation(
        id=each["operationId"],
        method=method.upper(),
        path=path,
        summary=each["summary"],
        about=told(each.get("description", "")),
        parameters=[_parameter(one) for one in each.get("parameters", ())],
        body=type_of(taken["schema"]) if taken else Markup(),
        examples=list(bodies.items()),
        answers=[_answer(status, one) for status, one in each["responses"].items()],
        curl=_curl(base + path, method.upper(), each.get("parameters", ()), next(iter(bodies.values()), "")),
    )


def _bodies(taken: Json, schemas: Json) -> Iterator[tuple[str, str]]:
    """The example bodies by their titles: the operation's own, or its schema's."""
    shown = {title: one["value"] for title, one in taken.get("examples", {}).items()}
    if taken and not shown:
        own = schemas[taken["schema"]["$ref"].rpartition("/")[2]] if "$ref" in taken["schema"] else taken["schema"]
        shown = {str(number): value for number, value in enumerate(own.get("examples", ()), start=1)}
    for title, value in shown.items():
        yield title, json.dumps(value, ensure_ascii=False)


def _parameter(each: Json) -> Field:
    return Field(
        name=each["name"],
        place=each["in"],
        type=type_of(each["schema"]),
        required=each.get("required", False),
        about=told(each.get("description", "")),
        example=_example(each["schema"]),
    )


def _answer(status: str, each: Json) -> Answer:
    contents = [(media, type_of(one.get("schema", {}))) for media, one in each.get("content", {}).items()]
    return Answer(status=status, about=told(each["description"]), contents=contents)


def _schema(name: str, each: Json) -> Schema:
    required = each.get("required", ())
    fields = [
        Field(
            name=key,
            place="",
            type=type_of(one),
            required=key in required,
            about=told(one.get("description", "")),
            example=_example(one),
        )
        for key, one in each.get("properties", {}).items()
    ]
    return Schema(
        name=name, about=told(each.get("description", "")), type=Markup() if fields else type_of(each), fields=fields
    )


def _example(schema: Json) -> str:
    examples = schema.get("examples", ())
    return next((one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in examples), "")


def _curl(address: str, method: str, parameters: Sequence[Json], body: str) -> str:
    """A command that asks it with what must be said: by its example, or a word to be replaced."""
    asked: list[tuple[str, str]] = []
    headers: list[str] = []
    for each in parameters:
        value = _example(each["schema"])
        if each["name"] in ALWAYS_SENT:
            headers += ["-H", f"{each['name']}: {value}"]
        elif each["in"] == "path":
            address = address.replace(f"{{{each['name']}}}", value or each["name"].upper())
        elif each.get("required"):
            asked.append((each["name"], value or each["name"].upper()))
    command = ["curl", f"{address}?{urlencode(asked)}" if asked else address]
    if method not in {"GET", "POST"} or (method == "POST" and not body):
        command += ["-X", method]
    command += headers
    if body:
        command += ["-H", "Content-Type: application/json", "-d", body]
    return shlex.join(command)


def type_of(schema: Json) -> Markup:
    """What a value must be, in words; a named shape leads to where it is described."""
    words = Markup()
    match schema:
        case {"$ref": str(address)}:
            name = address.rpartition("/")[2]
            words = Markup('<a href="#schema-{0}">{0}</a>').format(name)
        case {"anyOf": several} | {"oneOf": several} | {"allOf": several}:
            words = Markup(" | ").join(type_of(each) for each in several)
        case {"const": value}:
            words = escape(json.dumps(value, ensure_ascii=False))
        case {"enum": values}:
            words = Markup(" | ").join(escape(value) for value in values)
        case {"type": "array"}:
            items = schema.get("prefixItems") or [schema.get("items", {})]
            words = Markup("[{}]").format(Markup(", ").join(type_of(each) for each in items))
        case {"type": "object", "additionalProperties": dict(values)}:
            words = Markup("{{name: {}}}").format(type_of(values))
        case {"type": str(kind)}:
            words = escape(" ".join(filter(None, (schema.get("format") or kind, _bounds(schema)))))
    return words


def _bounds(schema: Json) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "maxLength": "≤"}
    unit = {"maxLength": " characters"}
    return " ".join(f"{sign} {schema[key]:,}{unit.get(key, '')}" for key, sign in signs.items() if key in schema)


def told(text: str) -> Markup:
    """A description's paragraphs, lists and code, the only Markdown that ours have."""
    parts = []
    for block in filter(None, re.split(r"\n\s*\n", text.strip())):
        lines = [CODE.sub(r"<code>\1</code>", str(escape(line.strip()))) for line in block.splitlines()]
        if lines[0].startswith("- "):
            items = re.split(r"\n?^- ", "\n".join(lines), flags=re.MULTILINE)[1:]
            parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        else:
            parts.append(f"<p>{' '.join(lines)}</p>")
    return Markup("".join(parts))  # noqa: S704 - every line was escaped
