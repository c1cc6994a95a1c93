"""The report of an import: the first problems for the screen, every one with its row for a file."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from geo_registry.db.session import WriteSession
from geo_registry.errors import FileUnreadable
from geo_registry.exchange.converters import written
from geo_registry.exchange.inputs import REPORTED_PROBLEMS
from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.exchange.source import Source
from geo_registry.exchange.staging import PROBLEMS

OWN_COLUMNS = ("report_row", "report_severity", "report_column", "report_value", "report_code", "report_message")
"""The report's own columns; the file's follow, so that a corrected report can be imported again."""

FETCHED_ROWS = 2_000

_CODES = {code.value: code for code in ProblemCode}


def first_problems(session: WriteSession) -> tuple[Problem, ...]:
    """The first problems, by row."""
    question = select(PROBLEMS).order_by(PROBLEMS.c.number, PROBLEMS.c.column_name).limit(REPORTED_PROBLEMS)
    return tuple(map(_problem, session.execute(question)))


def problem_counts(session: WriteSession) -> Mapping[str, int]:
    """How many problems there are of each code."""
    question = select(PROBLEMS.c.code, func.count().label("found")).group_by(PROBLEMS.c.code).order_by(PROBLEMS.c.code)
    return {row.code: row.found for row in session.execute(question)}


def write_report(session: WriteSession, source: Source, path: Path, *, locale: str) -> None:
    """Write every problem as CSV (UTF-8 with BOM, as spreadsheets want it), with the file's row beside it.

    The file is read once more: problems and rows are both in the order of the rows, so neither is held.

    Raises
    ------
    FileUnreadable
        It can't be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            report = csv.writer(file)
            report.writerow([*OWN_COLUMNS, *source.columns])
            by_row = groupby(_problems(session), key=lambda problem: problem.row)
            rows = _rows(source)
            number, fields = next(rows, (0, ()))
            for row, found in by_row:
                while number < row:
                    number, fields = next(rows, (row, ()))
                problems = list(found)
                # What is classified isn't kept anywhere, this file included.
                shown = () if any(one.code is ProblemCode.NOT_PUBLIC for one in problems) else fields
                for one in problems:
                    said = (
                        one.row,
                        one.code.severity.value,
                        one.column,
                        one.value,
                        one.code.value,
                        one.message(locale),
                    )
                    report.writerow([*said, *(shown if number == row else ())])
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or str(error)) from error


def _problem(row: Any) -> Problem:
    return Problem(
        row=row.number,
        column=row.column_name,
        value=row.value,
        code=_CODES[row.code],
        details={key: str(value) for key, value in row.details.items()},
    )


def _problems(session: WriteSession) -> Iterator[Problem]:
    question = select(PROBLEMS).order_by(PROBLEMS.c.number, PROBLEMS.c.column_name)
    yield from map(_problem, session.execute(question, execution_options={"yield_per": FETCHED_ROWS}))


def _rows(source: Source) -> Iterator[tuple[int, Sequence[str]]]:
    """Every row of the file as texts, in order, ragged ones in their place."""
    for chunk in source.chunks():
        columns = [chunk.column(name) for name in source.columns]
        fitting = zip(chunk.numbers, zip(*columns, strict=True), strict=True)
        rows = [(number, tuple(map(written, values))) for number, values in fitting]
        rows += [(ragged.row, ragged.fields) for ragged in chunk.ragged]
        yield from sorted(rows)
