"""The audit's tables, columns and reasons have words that people read, in both languages."""

import re

import pytest

from geo_registry.accounts.audit import _twins
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.recorded import (
    GivenReason,
    RecordedField,
    RecordedTable,
    field_called,
    reason_beside,
    reason_called,
    table_called,
)
from geo_registry.model import AuditEntry, Division
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind, Operation, Way, Word
from tests.architecture.test_catalogue import TABLES, UNAUDITED

AUDITED = {*TABLES} - UNAUDITED
JOBS = "procrastinate_jobs"
GIVEN = re.compile(r'\bwhy=f?"([^"{]+)(?:\{[^"]*)?"')
"""A reason that the program gives, up to what it is about."""


def test_every_table_that_the_audit_tells_of_has_a_word() -> None:
    assert {each.value for each in RecordedTable} == AUDITED | {AuditEntry.__tablename__, JOBS}


def test_every_column_that_the_audit_shows_has_a_word() -> None:
    shown = {
        column.name
        for table in AUDITED & set(_twins())
        for column in Division.metadata.tables[table].columns
        if column.computed is None
    }
    assert {each.value for each in RecordedField} == shown


def test_every_reason_that_the_program_gives_has_a_word() -> None:
    """But where a person gives it."""
    sources = [*CHECKOUT.glob("geo_registry/**/*.py"), *CHECKOUT.glob("api/**/*.py")]
    found = {
        why.strip().removesuffix(":") for path in sources for why in GIVEN.findall(path.read_text(encoding="utf-8"))
    }
    imports = {f"import {kind.value}" for kind in DatasetKind}
    assert {each.value for each in GivenReason} == (found - {"import"}) | imports


@pytest.mark.parametrize("words", [RecordedTable, RecordedField, GivenReason, Verb, Operation, Way])
def test_they_are_said_in_both_languages(words: type[Word]) -> None:
    for word in words:
        assert re.search("[\u4e00-\u9fff]", word.zh), word
        assert re.search("[A-Za-z]", word.en), word
        assert "_" not in word.zh + word.en


def test_what_has_no_word_is_told_as_it_is() -> None:
    assert (table_called("facility", "zh-CN"), table_called("facility", "en")) == ("设施", "facilities")
    assert (field_called("phone", "en"), field_called("x", "en"), table_called("x", "zh-CN")) == ("telephone", "x", "x")
    assert reason_called("import roads: osm.pbf", "zh-CN") == "导入道路: osm.pbf"
    assert reason_called("jobs cancel: 7", "en") == "a job is cancelled: 7"
    assert reason_called("更名批复", "en") == "更名批复"
    assert reason_called("批复: 更名", "zh-CN") == "批复: 更名"


def test_a_reason_that_the_verb_says_already_isnt_told_twice() -> None:
    verb = Verb.GRANT_ROLE.value
    assert reason_beside("users grant", verb, "en") == ""
    assert reason_beside("users grant", None, "en") == "a change of grants"
    assert reason_beside("jobs cancel: 7", Verb.CANCEL_JOB.value, "zh-CN") == "取消任务: 7"
    assert reason_beside("更名批复", verb, "en") == "更名批复"
    assert reason_beside(None, verb, "en") == ""
