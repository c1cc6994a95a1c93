"""The flow of an import: look at the whole file, check and stage it chunk by chunk, settle it, report."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from uuid import UUID, uuid4

from geo_registry import clock
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.failures import failures_said
from geo_registry.db.session import Database, WriteSession, by_import
from geo_registry.errors import FilterProperty, NothingMatched
from geo_registry.exchange import datasets, mapping, reports, staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.conditions import RowCondition
from geo_registry.exchange.converters import RawValue, text
from geo_registry.exchange.inputs import DatasetFacts, ImportCommand, ImportReport
from geo_registry.exchange.mapping import ColumnMapping
from geo_registry.exchange.opening import open_source
from geo_registry.exchange.plan import Plan, make_plan
from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.exchange.source import Chunk, Scan, Source
from geo_registry.exchange.subjects.built_up import BuiltUpAreas
from geo_registry.exchange.subjects.divisions import Divisions
from geo_registry.exchange.subjects.facilities import Facilities
from geo_registry.exchange.subjects.places import Places
from geo_registry.exchange.subjects.population import Population
from geo_registry.exchange.subjects.roads import Roads
from geo_registry.exchange.subjects.subject import Subject, Written
from geo_registry.filters import expression
from geo_registry.geo import crs as systems
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.model import ImportRun
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DatasetKind, RunState

SUBJECTS: Mapping[DatasetKind, Callable[[], Subject]] = {
    DatasetKind.DIVISIONS: Divisions,
    DatasetKind.PLACES: Places,
    DatasetKind.BUILT_UP_AREAS: BuiltUpAreas,
    DatasetKind.FACILITIES: Facilities,
    DatasetKind.POPULATION: Population,
    DatasetKind.ROADS: Roads,
}

PUBLIC_WORDS = frozenset({"公开", "非密", "非涉密", "public", "unclassified"})
"""What a row's secrecy may say to be kept; empty is public too."""

ASSUMED_EPSG = 4326
"""What coordinates are taken for where neither the file nor the command says: GeoJSON's rule (RFC 7946)."""


@dataclass(frozen=True, slots=True)
class _Inspected:
    """A file that was looked at as a whole, and how its rows will be read."""

    source: Source
    plan: Plan
    crs: Crs
    condition: RowCondition | None
    rows: int | None


class _RolledBack(Exception):
    """Ends a unit of work that isn't to stay: a dry run's, or one in which every row was refused."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__("rolled back")


def run(database: Database, command: ImportCommand, *, actor: Actor, verb: Verb, progress: Progress) -> ImportReport:
    """Import one file in one transaction, which the actor was allowed as `verb`; see `service.import_file`."""
    datasets.check_key(command.dataset_key)
    began, started_at = monotonic(), clock.now()
    subject = SUBJECTS[command.kind]()
    with failures_said():
        inspected = _inspect(command, subject, progress)
        try:
            with database.write(
                actor=actor,
                why=by_import(command.kind, staging.storable(command.path.name)),
                verb=verb.value,
            ) as session:
                report, dataset = _Import(session, command, subject, inspected, progress).run()
                report = replace(report, seconds=monotonic() - began)
                _record_or_roll_back(session, command, report, dataset, actor=actor.name, started_at=started_at)
        except _RolledBack as done:
            return done.report
    return report


def _record_or_roll_back(
    session: WriteSession,
    command: ImportCommand,
    report: ImportReport,
    dataset: UUID | None,
    *,
    actor: str,
    started_at: datetime,
) -> None:
    if report.run is None:
        raise _RolledBack(report)
    session.add(
        ImportRun(
            id=report.run,
            kind=command.kind.value,
            dataset_id=dataset,
            file_name=staging.storable(command.path.name),
            state=RunState.DONE.value,
            report=report.as_json(),
            started_at=started_at,
            finished_at=clock.now(),
            actor=actor,
        )
    )


def _inspect(command: ImportCommand, subject: Subject, progress: Progress) -> _Inspected:
    """Everything that can refuse the file as a whole before the database is touched."""
    told = mapping.load(command.mapping) if command.mapping else ColumnMapping()
    given = systems.parse(command.crs)
    syntax = expression.parse(told.where) if told.where else None
    source = open_source(command, subject.fitting)
    plan = make_plan(command.kind, told, source, _options(command))
    subject.check(plan, source.columns)
    if syntax is not None:
        # That the columns are there shows before the whole file is read for their types.
        _columns_are_there(syntax, source)
    scan: Scan = source.scan(syntax.properties if syntax else (), progress)
    return _Inspected(
        source=source,
        plan=plan,
        crs=given or source.crs or replace(systems.epsg(ASSUMED_EPSG), assumed=True),
        condition=RowCondition(syntax, scan) if syntax else None,
        rows=scan.rows,
    )


def _columns_are_there(syntax: expression.Syntax, source: Source) -> None:
    for name in syntax.properties:
        if name not in source.columns:
            raise FilterProperty(name=name, known=", ".join(source.columns))


def _options(command: ImportCommand) -> Mapping[str, RawValue]:
    options: dict[str, RawValue] = {}
    if command.kind is DatasetKind.DIVISIONS and command.vintage is not None:
        options["vintage"] = command.vintage
    return options


class _Import:
    """One import inside its unit of work."""

    def __init__(
        self, session: WriteSession, command: ImportCommand, subject: Subject, inspected: _Inspected, progress: Progress
    ) -> None:
        self._session = session
        self._command = command
        self._subject = subject
        self._inspected = inspected
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._dataset: UUID | None = None

    def run(self) -> tuple[ImportReport, UUID | None]:
        """Stage, settle, report."""
        command, subject, session = self._command, self._subject, self._session
        self._progress("wait", 0)
        datasets.hold(session, command.kind, command.dataset_key)
        staging.create(session, subject.staged, staging.PROBLEMS)
        for chunk in self._inspected.source.chunks():
            self._take(chunk)
        if self._inspected.condition is not None and self._counts["skipped"] == self._counts["read"]:
            raise NothingMatched(read=self._counts["read"], where=self._inspected.condition.text)
        report = self._report(self._settle())
        return (report if report.taken else replace(report, run=None)), self._dataset

    def _take(self, chunk: Chunk) -> None:
        inspected, session = self._inspected, self._session
        keep = inspected.condition.keep(chunk) if inspected.condition else None
        batch = Batch(chunk, inspected.plan, keep)
        refuse_classified(batch)
        rows = self._subject.rows(batch, inspected.plan, inspected.crs)
        staging.copy(session, self._subject.staged, self._subject.copied, rows)
        self._subject.beside(session, chunk)
        staging.copy_problems(session, [*public(batch), *ragged(chunk, len(inspected.source.columns))])
        gone = len(batch.refused | batch.skipped)
        # A line of several parts counts as its parts.
        parts = len(rows) - (len(batch) - gone)
        self._counts["read"] += len(chunk.numbers) + len(chunk.ragged) + parts
        self._counts["refused"] += len(batch.refused) + len(chunk.ragged)
        self._counts["skipped"] += len(chunk.numbers) - len(batch) + len(batch.skipped)
        self._progress("check", chunk.numbers[-1] if chunk.numbers else 0, inspected.rows)

    def _settle(self) -> Written:
        command, subject, session = self._command, self._subject, self._session
        waiting = self._counts["read"] - self._counts["refused"] - self._counts["skipped"]
        if waiting == 0:
            return Written(created=0, updated=0, unchanged=0, refused=0)
        self._progress("write", 0, waiting)
        staging.prepare(session, subject.staged, subject.keys)
        facts = subject.facts(
            DatasetFacts(
                basis=command.basis, as_of=command.as_of, licence=command.licence or self._inspected.source.licence
            )
        )
        self._dataset = datasets.dataset_for(session, command.kind, command.dataset_key, facts)
        written = subject.settle(session, self._inspected.plan, self._dataset)
        self._progress("write", waiting, waiting)
        subject.afterwards(session, self._progress)
        return written

    def _report(self, written: Written) -> ImportReport:
        command, inspected = self._command, self._inspected
        if command.report is not None:
            reports.write_report(
                self._session,
                inspected.source,
                command.report,
                quote_ragged=_all_are_public(inspected.plan),
                locale=get_settings().locale,
            )
        return ImportReport(
            run=None if command.dry_run else uuid4(),
            kind=command.kind,
            dataset=command.dataset_key,
            read=self._counts["read"],
            created=written.created,
            updated=written.updated,
            unchanged=written.unchanged,
            refused=self._counts["refused"] + written.refused,
            skipped=self._counts["skipped"],
            absent=written.absent,
            crs=inspected.crs.name,
            encoding=inspected.source.encoding,
            mapping={} if inspected.source.columns_are_fields else inspected.plan.columns,
            proposed=tuple(sorted(inspected.plan.proposed)),
            ignored=inspected.plan.ignored(
                inspected.source.columns, inspected.condition.columns if inspected.condition else ()
            ),
            problems=reports.first_problems(self._session),
            problem_counts=reports.problem_counts(self._session),
            seconds=0.0,
            dry_run=command.dry_run,
            extra=self._subject.counts(),
        )


def refuse_classified(batch: Batch) -> None:
    """Rows that are marked other than public are not kept, in no table, report or log."""
    for at, said in enumerate(batch.get("secrecy", text)):
        if not _is_public(said):
            batch.tell(at, "secrecy", None, ProblemCode.NOT_PUBLIC)


def _is_public(said: str | None) -> bool:
    return said is None or said.lower() in PUBLIC_WORDS


def _all_are_public(plan: Plan) -> bool:
    """Whether no row can be classified, whatever stands in it."""
    return "secrecy" not in plan.columns and _is_public(text(plan.constants.get("secrecy")))


def public(batch: Batch) -> Iterator[Problem]:
    """The batch's problems; of a classified row only that it is."""
    classified = {problem.row for problem in batch.problems if problem.code is ProblemCode.NOT_PUBLIC}
    for problem in batch.problems:
        if problem.row not in classified or problem.code is ProblemCode.NOT_PUBLIC:
            yield problem


def ragged(chunk: Chunk, expected: int) -> Iterator[Problem]:
    """The rows of a chunk whose fields aren't the header's."""
    for row in chunk.ragged:
        details = {"found": str(len(row.fields)), "expected": str(expected)}
        yield Problem(row.row, "", "", ProblemCode.RAGGED, details)
