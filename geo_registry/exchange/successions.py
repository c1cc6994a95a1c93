"""What became of divisions, as a file: confirmed proposals into the registry, proposals out of it."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import IO, Any

from pydantic import ValidationError

from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.failures import failures_said
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.inputs import NewSuccession, OneOf
from geo_registry.divisions.matching import Proposal
from geo_registry.divisions.service import record_successions
from geo_registry.divisions.successions import Outcome
from geo_registry.errors import ColumnsMissing, DivisionUnknown, DomainError, ReportUnusable, reasons
from geo_registry.exchange import reports, staging
from geo_registry.exchange.aliases import ALIASES
from geo_registry.exchange.converters import (
    Converter,
    Doubtful,
    RawValue,
    day,
    division_code,
    required_text,
    text,
    word_of,
    written,
    year,
)
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.exchange.importing import PUBLIC_WORDS
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.problems import Problem, ProblemCode, Refused
from geo_registry.exchange.source import see_that_it_is_there
from geo_registry.jobs.progress import Progress
from geo_registry.settings import get_settings
from geo_registry.validation import finding
from geo_registry.vocabulary import Certainty, DivisionChange

COLUMNS = (
    "before_code",
    "before_vintage",
    "after_code",
    "after_vintage",
    "change",
    "happened_on",
    "evidence",
    "certainty",
)
NAMES = ("before_name", "after_name")
"""What a file of proposals has beside, for whoever confirms them; an import doesn't look at it."""

NEEDED = tuple(name for name in COLUMNS if name != "happened_on")


@dataclass(frozen=True, slots=True)
class SuccessionsReport:
    """What became of a file's rows: each was created, unchanged, refused, or skipped since it says nothing."""

    read: int
    created: int
    unchanged: int
    refused: int
    skipped: int
    """Rows without a later division: proposals that nobody has an answer to."""
    encoding: str
    problems: Sequence[Problem]
    problem_counts: Mapping[str, int]
    seconds: float
    dry_run: bool

    @property
    def taken(self) -> bool:
        """Whether anything of the file was taken: not when every row was refused."""
        return self.refused == 0 or self.created + self.unchanged > 0

    def as_json(self) -> dict[str, object]:
        """As `divisions successions import --json` prints it."""
        locale = get_settings().locale
        return {
            "read": self.read,
            "created": self.created,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "skipped": self.skipped,
            "encoding": self.encoding,
            "problems": [
                {
                    "row": each.row,
                    "column": each.column,
                    "value": each.value,
                    "code": each.code.value,
                    "severity": each.code.severity.value,
                    "message": each.message(locale),
                }
                for each in self.problems
            ],
            "problem_counts": dict(self.problem_counts),
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
        }


class _RolledBack(Exception):
    """Ends a unit of work that isn't to stay: a dry run's, or one in which every row was refused."""

    def __init__(self, report: SuccessionsReport) -> None:
        self.report = report
        super().__init__("rolled back")


def run(database: Database, command: ImportCommand, *, actor: Actor, progress: Progress) -> SuccessionsReport:
    """Record the successions of a file in one transaction; see `service.import_successions`."""
    began = monotonic()
    see_that_it_is_there(command.path)
    with failures_said():
        source = CsvSource(command.path, encoding=command.encoding)
        missing = [name for name in NEEDED if name not in source.columns]
        if missing:
            raise ColumnsMissing(path=command.path, missing=", ".join(missing), expected=",".join(COLUMNS))
        total = source.scan((), progress).rows
        try:
            with database.write(
                actor=actor,
                why=f"import successions: {staging.storable(command.path.name)}",
                verb=Verb.RECORD_SUCCESSION.value,
            ) as session:
                report = replace(
                    _taken(session, source, command, actor=actor, progress=progress, total=total),
                    seconds=monotonic() - began,
                )
                _stay_or_roll_back(report)
        except _RolledBack as done:
            return done.report
    return report


def _stay_or_roll_back(report: SuccessionsReport) -> None:
    if report.dry_run or not report.taken:
        raise _RolledBack(report)


def _taken(
    session: WriteSession,
    source: CsvSource,
    command: ImportCommand,
    *,
    actor: Actor,
    progress: Progress,
    total: int | None,
) -> SuccessionsReport:
    rows = _Rows(source)
    numbered = list(rows.read(progress, total))
    outcome = record_successions(session, [new for _, new in numbered], actor=actor)
    problems = [*rows.problems, *_refusals(outcome, [number for number, _ in numbered])]
    staging.create(session, staging.PROBLEMS)
    staging.copy_problems(session, problems)
    if command.report is not None:
        reports.write_report(
            session, source, command.report, quote_ragged=rows.secrecy is None, locale=get_settings().locale
        )
    return SuccessionsReport(
        read=rows.counts["read"],
        created=outcome.created,
        unchanged=outcome.unchanged,
        refused=rows.counts["refused"] + len(outcome.refused),
        skipped=rows.counts["skipped"],
        encoding=source.encoding,
        problems=reports.first_problems(session),
        problem_counts=reports.problem_counts(session),
        seconds=0.0,
        dry_run=command.dry_run,
    )


def _refusals(outcome: Outcome, numbers: Sequence[int]) -> Iterator[Problem]:
    for each in outcome.refused:
        yield _problem(numbers[each.number], each.error)


def _problem(row: int, error: DomainError) -> Problem:
    if isinstance(error, DivisionUnknown):
        return Problem(row, "", str(error.details["text"]), ProblemCode.DIVISION_UNKNOWN)
    return Problem(row, "", "", ProblemCode.RULE, {"zh": error.message("zh-CN"), "en": error.message("en")})


class _Rows:
    """The rows of a file as successions, and what is wrong with those that are none."""

    def __init__(self, source: CsvSource) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.secrecy = next((name for name in ALIASES["secrecy"] if name in source.columns), None)
        self._source = source

    def read(self, progress: Progress, total: int | None) -> Iterator[tuple[int, NewSuccession]]:
        """Every good row with its number."""
        for chunk in self._source.chunks():
            self.counts["read"] += len(chunk.numbers) + len(chunk.ragged)
            for ragged in chunk.ragged:
                details = {"found": str(len(ragged.fields)), "expected": str(len(self._source.columns))}
                self._refuse(Problem(ragged.row, "", "", ProblemCode.RAGGED, details))
            columns = {name: chunk.column(name) for name in self._source.columns}
            for at, number in enumerate(chunk.numbers):
                found = self._one(number, {name: values[at] for name, values in columns.items()})
                if found is not None:
                    yield number, found
            progress("check", chunk.numbers[-1] if chunk.numbers else 0, total)

    def _one(self, number: int, row: Mapping[str, RawValue]) -> NewSuccession | None:
        if self.secrecy is not None:
            said = text(row[self.secrecy])
            if said is not None and said.lower() not in PUBLIC_WORDS:
                self._refuse(Problem(number, "", "", ProblemCode.NOT_PUBLIC))
                return None
        if not any(written(row[name]).strip() for name in ("after_code", "change")):
            self.counts["skipped"] += 1
            return None
        values: dict[str, Any] = {}
        wrong: list[Problem] = []
        for name, convert in CONVERTERS.items():
            try:
                values[name] = convert(row.get(name))
            except Refused as refusal:
                wrong.append(Problem(number, name, written(row.get(name)), refusal.code, refusal.details))
        if wrong:
            self._refuse(*wrong)
            return None
        happened = values["happened_on"]
        if isinstance(happened, Doubtful):
            # A year or a month alone isn't the first of January: the evidence may say it, a date that is kept must be one.
            self._refuse(Problem(number, "happened_on", written(row.get("happened_on")), ProblemCode.NOT_A_DATE))
            return None
        return self._valid(number, values)

    def _valid(self, number: int, values: Mapping[str, Any]) -> NewSuccession | None:
        try:
            return NewSuccession(
                before=OneOf(code=values["before_code"], vintage=values["before_vintage"]),
                after=OneOf(code=values["after_code"], vintage=values["after_vintage"]),
                change=values["change"],
                happened_on=values["happened_on"],
                evidence=values["evidence"],
                certainty=values["certainty"],
            )
        except ValidationError as error:
            found = map(finding, error.errors())
            self._refuse(
                *(Problem(number, each.field, "", ProblemCode.RULE, {"zh": each.zh, "en": each.en}) for each in found)
            )
            return None

    def _refuse(self, *problems: Problem) -> None:
        self.problems += problems
        self.counts["refused"] += 1


def _required(convert: Callable[[RawValue], Any]) -> Converter[Any]:
    def converted(value: RawValue) -> Any:
        found = convert(value)
        if found is None:
            raise Refused(ProblemCode.REQUIRED)
        return found

    return converted


CONVERTERS: Mapping[str, Converter[Any]] = {
    "before_code": division_code,
    "before_vintage": _required(year),
    "after_code": division_code,
    "after_vintage": _required(year),
    "change": _required(word_of(DivisionChange)),
    "happened_on": day,
    "evidence": required_text,
    "certainty": _required(word_of(Certainty)),
}


def write_proposals(path: Path, proposals: Sequence[Proposal], *, earlier: int, later: int, lists: str) -> None:
    """Write proposals as a CSV file (UTF-8 with BOM, as spreadsheets want it) that `service.import_successions` reads.

    Rows without an answer stand among them, to be filled in by whoever knows.

    Raises
    ------
    ReportUnusable
        It can't be written.
    """
    try:
        with reports.written_whole(path) as file:
            _write(file, proposals, earlier=earlier, later=later, lists=lists)
    except OSError as error:
        raise ReportUnusable(path=path, **reasons(error)) from error


def _write(file: IO[str], proposals: Sequence[Proposal], *, earlier: int, later: int, lists: str) -> None:
    table = csv.writer(file)
    table.writerow([*COLUMNS, *NAMES])
    for each in proposals:
        table.writerow(
            [
                each.before.code,
                earlier,
                each.after.code if each.after is not None else "",
                later,
                each.change.value if each.change is not None else "",
                "",
                each.evidence(lists),
                each.certainty.value if each.certainty is not None else "",
                each.before.name,
                each.after.name if each.after is not None else "",
            ]
        )
