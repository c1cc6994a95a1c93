"""Which verbs a piece of the program asks the policy for, read from its source."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from types import ModuleType

from geo_registry.accounts.policy import Verb
from geo_registry.settings import CHECKOUT

ROOMS = CHECKOUT / "geo_registry"


@lru_cache(maxsize=1)
def asking() -> Mapping[str, frozenset[Verb]]:
    """Every function of a room's service that asks, as ``module.function``, with what it asks for."""
    found: dict[str, frozenset[Verb]] = {}
    for path in ROOMS.glob("*/service.py"):
        module = importlib.import_module(f"geo_registry.{path.parent.name}.service")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (verbs := frozenset(_required(node))):
                found[f"{module.__name__}.{node.name}"] = verbs
    return found


def _required(function: ast.FunctionDef) -> Iterator[Verb]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "policy.require":
            asked = call.args[1]
            assert isinstance(asked, ast.Attribute)
            yield Verb[asked.attr]


def verbs_of(function: Callable[..., object]) -> set[Verb]:
    """What a command or a route asks for by the functions of services that it calls, itself or by others.

    Those others are of its module, of the packages of pages, or what the commands of the office share.
    """
    verbs: set[Verb] = set()
    waiting, seen = [(function.__module__, function.__name__)], set()
    while waiting:
        place = waiting.pop()
        module, name = place
        functions, bound = _module(module)
        if place in seen or name not in functions:
            continue
        seen.add(place)
        inside = list(ast.walk(functions[name]))
        known = bound | _imported(node for node in inside if isinstance(node, ast.ImportFrom))
        own = {node.arg for node in inside if isinstance(node, ast.arg)} | {
            node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in inside:
            called = _called(node, known)
            verbs |= asking().get(called, frozenset())
            elsewhere, _, function_there = called.rpartition(".")
            if elsewhere.startswith(PAGES):
                waiting.append((elsewhere, function_there))
            if isinstance(node, ast.Name) and node.id not in own:
                waiting.append((module, node.id))
    return verbs


PAGES = ("api.web.", "geo_registry.cli.office")


@cache
def _module(name: str) -> tuple[Mapping[str, ast.AST], dict[str, str]]:
    """The functions of a module, and what its imports bind."""
    try:
        tree = ast.parse(inspect.getsource(importlib.import_module(name)))
    except ModuleNotFoundError:  # a class's attribute, not a module's
        return {}, {}
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return functions, _imported(node for node in tree.body if isinstance(node, ast.ImportFrom))


def _imported(imports: Iterator[ast.ImportFrom]) -> dict[str, str]:
    """Names that imports bind, with what they stand for."""
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}


def _called(node: ast.AST, known: Mapping[str, str]) -> str:
    """What a node stands for, as ``module.function``; nothing where it is another sort of node."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{known.get(node.value.id, '')}.{node.attr}"
    return known.get(node.id, "") if isinstance(node, ast.Name) else ""


def commands(group: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """Every command of a Typer application's module, by its path, with its function."""
    from typer.main import get_command  # noqa: PLC0415 - the command line alone

    yield from _walked(get_command(group.app), ())


def _walked(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, Callable[..., object]]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), inspect.unwrap(command.callback)  # type: ignore[attr-defined]
        return
    for name, below in inner.items():
        yield from _walked(below, (*path, name))
