"""Every error has a stable code of its own and says what is wrong and what to do, in both languages."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import api.problems
from geo_registry import errors
from geo_registry.errors import DomainError
from geo_registry.settings import CHECKOUT

CATEGORIES = {
    errors.BadQuery,
    errors.BadInput,
    errors.NotFound,
    errors.Conflict,
    errors.Unavailable,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.TooManyTries,
}


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


ERRORS = sorted({each for each in _below(DomainError) if each not in CATEGORIES}, key=lambda each: each.__name__)
BY_NAME = {each.__name__: each for each in ERRORS}


def _fields(template: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name}


def _needed(error: type[DomainError]) -> set[str]:
    return _fields(error.zh) | _fields(error.en) | _fields(error.hint_zh) | _fields(error.hint_en)


@pytest.mark.parametrize("error", ERRORS)
def test_it_has_a_code_and_four_texts(error: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", error.code)
    assert error.code != DomainError.code
    assert all([error.zh, error.en, error.hint_zh, error.hint_en])
    assert error.__doc__


@pytest.mark.parametrize("error", ERRORS)
def test_it_has_a_status(error: type[DomainError]) -> None:
    assert 400 <= api.problems.status_of(error) < 600


@pytest.mark.parametrize("error", ERRORS)
def test_both_languages_tell_the_same(error: type[DomainError]) -> None:
    told = {
        locale: {name.removesuffix(f"_{locale}") for name in _fields(getattr(error, locale))} for locale in ("zh", "en")
    }
    assert told["zh"] == told["en"]


def test_codes_are_unique() -> None:
    assert [code for code, times in Counter(each.code for each in ERRORS).items() if times > 1] == []


def _raised() -> Iterator[tuple[Path, ast.Call, type[DomainError]]]:
    for folder in ("geo_registry", "api", "tiles"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
                    yield path, node, BY_NAME[node.func.id]


def test_whoever_raises_one_gives_what_its_texts_need() -> None:
    """A missing detail would be a failure of its own at the very moment when something has to be said."""
    wrong = []
    for path, call, error in _raised():
        given = {keyword.arg for keyword in call.keywords}
        if None not in given and not _needed(error) <= given:
            wrong.append(f"{path.relative_to(CHECKOUT)}:{call.lineno} {error.__name__} lacks {_needed(error) - given}")
    assert wrong == []


def test_every_error_is_raised_somewhere() -> None:
    mentioned = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("geo_registry", "api", "tiles", "benchmarks")
        for path in (CHECKOUT / folder).rglob("*.py")
    )
    times = Counter(re.findall(r"\b[A-Z]\w+\b", mentioned))
    assert [each.__name__ for each in ERRORS if times[each.__name__] < 2] == []
