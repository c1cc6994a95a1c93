"""The report of an import: the first problems for the screen, every one with its row for a file."""

import csv
import errno
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select

from geo_registry.db.session import WriteSession
from geo_registry.errors import ReportUnusable, reasons
from geo_registry.exchange.converters import written
from geo_registry.exchange.inputs import REPORTED_PROBLEMS, ImportCommand
from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.exchange.source import Source
from geo_registry.exchange.staging import PROBLEMS

OWN_COLUMNS = ("report_row", "report_severity", "report_column", "report_value", "report_code", "report_message")
"""The report's own columns; the file's follow, so that a corrected report can be imported again."""

FETCHED_ROWS = 2_000

SHAPEFILE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
"""The files that a shapefile is, all of one stem."""

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

_CODES = {code.value: code for code in ProblemCode}


def first_problems(session: WriteSession) -> tuple[Problem, ...]:
    """The first problems, by row."""
    question = select(PROBLEMS).order_by(PROBLEMS.c.number, PROBLEMS.c.column_name).limit(REPORTED_PROBLEMS)
    return tuple(map(_problem, session.execute(question)))


def problem_counts(session: WriteSession) -> Mapping[str, int]:
    """How many problems there are of each code; of broken rules of names by the rules' own codes."""
    code = func.coalesce(PROBLEMS.c.details["rule"].astext, PROBLEMS.c.code).label("code")
    question = select(code, func.count().label("found")).group_by(code).order_by(code)
    return {row.code: row.found for row in session.execute(question)}


def check_target(command: ImportCommand) -> None:
    """Refuse a report that would take the place of what is imported, or that has no folder, before anything is read.

    Raises
    ------
    ReportUnusable
        It is the input, a part of it, or the mapping, by whatever name or link; or it can't be a file.
    """
    path = command.report
    if path is None:
        return
    if any(_is_same(path, part) for part in _parts(command.path)):
        raise ReportUnusable(path=path, reason_zh="这正是要导入的文件", reason_en="it is what is imported")
    if command.mapping is not None and _is_same(path, command.mapping):
        raise ReportUnusable(path=path, reason_zh="这正是映射文件", reason_en="it is the mapping")
    if path.is_dir():
        raise ReportUnusable(path=path, reason_zh="这是一个目录", reason_en="it is a folder")
    if not path.parent.is_dir():
        folder = path.parent
        raise ReportUnusable(path=path, reason_zh=f"没有目录 {folder}", reason_en=f"there is no folder {folder}")


def _parts(path: Path) -> Iterator[Path]:
    """The files that an input is: itself, what lies beside a shapefile, what a file geodatabase's folder holds."""
    yield path
    if path.suffix.lower() in SHAPEFILE_PARTS:
        yield from (
            one for one in path.parent.glob("*") if one.suffix.lower() in SHAPEFILE_PARTS and one.stem == path.stem
        )
    elif path.is_dir():
        yield from path.glob("*")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


@contextmanager
def written_whole(path: Path) -> Iterator[IO[str]]:
    """A text file that stands at `path` only when all of it is written; a pipe or a device is written to as it is."""
    target = path.resolve()
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
        return
    partial = target.with_name(f".{target.name}.part")
    try:
        with partial.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def write_report(session: WriteSession, source: Source, path: Path, *, quote_ragged: bool, locale: str) -> None:
    """Write every problem as CSV (UTF-8 with BOM, as spreadsheets want it), with the file's row beside it.

    The file is read once more: problems and rows are both in the order of the rows, so neither is held. An earlier
    report is replaced only by a whole one.

    Parameters
    ----------
    quote_ragged
        Whether rows that don't fit the header may be repeated: not where rows say their secrecy, for theirs can't be
        read.

    Raises
    ------
    ReportUnusable
        It can't be written.
    """
    try:
        with written_whole(path) as file:
            _write_rows(file, session, source, quote_ragged=quote_ragged, locale=locale)
    except OSError as error:
        if error.errno in NO_SPACE:
            # What is around the import tells of a full disk, wherever it is.
            raise
        raise ReportUnusable(path=path, **reasons(error)) from error


def _write_rows(file: IO[str], session: WriteSession, source: Source, *, quote_ragged: bool, locale: str) -> None:
    # What is classified isn't kept anywhere, this file included.
    hidden = {ProblemCode.NOT_PUBLIC} if quote_ragged else {ProblemCode.NOT_PUBLIC, ProblemCode.RAGGED}
    report = csv.writer(file)
    report.writerow([*OWN_COLUMNS, *source.columns])
    by_row = groupby(_problems(session), key=lambda problem: problem.row)
    rows = _rows(source)
    number, fields = next(rows, (0, ()))
    for row, found in by_row:
        while number < row:
            number, fields = next(rows, (row, ()))
        problems = list(found)
        shown = () if any(one.code in hidden for one in problems) else fields
        for one in problems:
            said = (
                one.row,
                one.code.severity.value,
                one.column,
                one.value,
                one.name,
                one.message(locale),
            )
            report.writerow([*said, *(shown if number == row else ())])


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
