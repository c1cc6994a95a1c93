"""What every route must have, read from the API's own description and from the code."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.deps import current_actor
from api.main import create_app
from geo_registry.settings import CHECKOUT, Settings

DESCRIPTION = create_app(Settings()).openapi()
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]
NEEDS_NOTHING = {"healthz"}
"""Operations that nothing can keep from answering."""
NEEDS_NO_DATABASE = {"list_standards", "get_style"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_says_what_it_does(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_says_what_it_refuses(operation: dict[str, Any]) -> None:
    if operation["operationId"] in NEEDS_NOTHING:
        return
    refusals = {status: each for status, each in operation["responses"].items() if not status.startswith(("2", "3"))}
    assert "default" in refusals
    assert "503" in refusals or operation["operationId"] in NEEDS_NO_DATABASE
    for response in refusals.values():
        assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_its_parameters_are_described(operation: dict[str, Any]) -> None:
    assert [each["name"] for each in operation.get("parameters", ()) if not each.get("description")] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_it_answers_is_declared(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            contents = response.get("content", {}).items()  # 204 has none
            assert all(content.get("schema") or media != "application/json" for media, content in contents)


def test_no_schema_is_called_after_a_module() -> None:
    assert [name for name in DESCRIPTION["components"]["schemas"] if "__" in name] == []


def test_operations_have_names_of_their_own() -> None:
    names = [each.values[0]["operationId"] for each in OPERATIONS]  # type: ignore[index]
    assert len(names) == len(set(names))


def test_the_frameworks_own_error_shape_is_nowhere() -> None:
    assert not {"HTTPValidationError", "ValidationError"} & DESCRIPTION["components"]["schemas"].keys()


def test_every_reference_leads_somewhere() -> None:
    schemas = DESCRIPTION["components"]["schemas"]
    assert {reference.removeprefix("#/components/schemas/") for reference in _references(DESCRIPTION)} <= schemas.keys()


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


@pytest.mark.parametrize("path", sorted((CHECKOUT / "api").rglob("*.py")), ids=lambda path: path.name)
def test_only_domain_errors_are_raised(path: Path) -> None:
    raised = [
        node.exc.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    ]
    assert "HTTPException" not in raised


UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
ASKS_ITSELF = {"refuse_foreign_form", "refuse_form_of_nobody"}
"""What a form's route calls with the token that the form carries."""


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def _routes(routes: Iterable[object]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):  # FastAPI's for a router that was included
            yield from _routes(route.original_router.routes)


def _routes_that_change() -> Iterator[APIRoute]:
    for route in _routes(create_app(Settings()).routes):
        if (route.methods or set()) & UNSAFE:
            yield route


def test_whatever_changes_something_is_guarded_against_pages_elsewhere() -> None:
    routes = list(_routes_that_change())
    assert len(routes) > 3
    for route in routes:
        source = ast.parse(inspect.getsource(route.endpoint).lstrip())
        called = {
            node.func.id for node in ast.walk(source) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert current_actor in set(_calls(route.dependant)) or called & ASKS_ITSELF, route.path
