"""The verbs of the room: import a file, see what was imported."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import queries as case_queries
from geo_registry.cases.inputs import NewCase
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Seen
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.exchange import case_names, importing, reports, successions
from geo_registry.exchange.case_names import NamesCommand, NamesTaken
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.successions import SuccessionsReport
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import Dataset, ImportRun
from geo_registry.vocabulary import DatasetKind

PLANNING_DATA = frozenset({DatasetKind.POPULATION, DatasetKind.ROADS})
"""What coverage is counted with, and who counts it may import; divisions and facilities are the registrar's records."""


def import_file(
    database: Database, command: ImportCommand, *, actor: Actor, progress: Progress = unheard
) -> ImportReport:
    """Import one file of any kind in one transaction: all rows that are good, or nothing.

    Rows are checked one by one; a bad one is refused with its problems and doesn't touch the others. What concerns
    the file as a whole refuses all of it. Importing the same file again changes nothing.

    Parameters
    ----------
    database
        The registry's; the import opens its own unit of work.
    command
        The file, and how to read it.
    actor
        Who imports.
    progress
        Called with the steps ``read`` (bytes or features), ``wait``, ``check`` and ``write`` (rows).

    Returns
    -------
    ImportReport
        What became of every row. Its `run` is None, and nothing stayed, for a dry run and where every row was refused.

    Raises
    ------
    Forbidden
        The actor may not: a file may hold rows of any division and kind, so who imports must be granted all of it.
    BadInput, BadQuery
        The file, its mapping or an option is refused; nothing was changed. A report is never written over either.
    DatabaseUnavailable, StorageFull
        The server went away or a disk is full; everything was rolled back.
    """
    policy.require(actor, Verb.IMPORT_FILE)
    reports.check_target(command)
    return importing.run(database, command, actor=actor, verb=Verb.IMPORT_FILE, progress=progress)


def import_planning_data(
    database: Database, command: ImportCommand, *, actor: Actor, progress: Progress = unheard
) -> ImportReport:
    """Import a file of population or roads, as `import_file` does.

    Raises
    ------
    Forbidden
        The actor may not: a file may hold rows of any division. A file of another kind asks for more.
    BadInput, BadQuery, DatabaseUnavailable, StorageFull
        As `import_file`.
    """
    policy.require(actor, Verb.IMPORT_PLANNING_DATA)
    if command.kind not in PLANNING_DATA:
        return import_file(database, command, actor=actor, progress=progress)
    reports.check_target(command)
    return importing.run(database, command, actor=actor, verb=Verb.IMPORT_PLANNING_DATA, progress=progress)


def import_successions(
    database: Database, command: ImportCommand, *, actor: Actor, progress: Progress = unheard
) -> SuccessionsReport:
    """Record what became of divisions, as a CSV file says, in one transaction: all rows that are good, or nothing.

    Its columns are `successions.COLUMNS`; others are left aside. A row whose later division is empty says nothing and is
    skipped. Importing the same file again changes nothing.

    Parameters
    ----------
    database
        The registry's; the import opens its own unit of work.
    command
        The file, its encoding, whether it is only tried, and where its problems are written.
    actor
        Who imports.
    progress
        Called with the steps ``read`` (bytes) and ``check`` (rows).

    Raises
    ------
    Forbidden
        The actor may not: a file may hold rows of any division, so who imports must be granted all of it.
    BadInput, BadQuery
        The file is refused as a whole, or the report can't be written there; nothing was changed.
    """
    policy.require(actor, Verb.RECORD_SUCCESSION)
    reports.check_target(command)
    return successions.run(database, command, actor=actor, progress=progress)


def open_case_from_file(
    database: Database,
    command: NamesCommand,
    new: NewCase,
    *,
    actor: Actor,
    synthetic: bool = False,
    progress: Progress = unheard,
) -> NamesTaken:
    """Open a case with the names of a file, behind those of `new`, in one unit of work; no case where rows are refused.

    What a row doesn't say is done to its name is what cases of the kind do.

    Parameters
    ----------
    database
        The registry's; the case is opened in a unit of work of its own.
    command
        The file, and how it is read.
    new
        What the case says beside.
    actor
        Who opens it.
    synthetic
        Whether it is an example.
    progress
        Called with the steps ``read``, ``check`` and ``write``.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    BadInput, BadQuery
        The file is refused as a whole.
    CaseTooLarge
        It holds more names than a case does.
    DivisionUnknown, DivisionCodeInvalid, CaseApproverNeeded
        As `cases.service.open_case`.
    """
    policy.require(actor, Verb.OPEN_CASE, division=new.division)
    return case_names.open_case(database, command, new, actor=actor, synthetic=synthetic, progress=progress)


def add_names_from_file(
    session: WriteSession,
    case: UUID,
    content: bytes,
    file_name: str,
    *,
    seen: Seen | None,
    actor: Actor,
    crs: str = "auto",
    skip: bool = False,
    why: str = "",
) -> NamesTaken:
    """Add the names of a file that was sent in (CSV, XLSX or GeoJSON) to a case; none where rows are refused.

    Raises
    ------
    Forbidden, CaseUnknown, CaseNotOpen, VersionNeeded, RecordChanged
        As `cases.service.add_names`.
    BadInput, BadQuery, CaseTooLarge
        As `open_case_from_file`.
    """
    policy.require(actor, Verb.CHANGE_CASE, division=case_queries.division_of(session, case))
    row = case_queries.case_with_id(session, case)
    return case_names.add_names(session, row, content, file_name, seen=seen, actor=actor, crs=crs, skip=skip, why=why)


def open_case_from_sent(
    session: WriteSession,
    new: NewCase,
    content: bytes,
    file_name: str,
    *,
    actor: Actor,
    crs: str = "auto",
    skip: bool = False,
) -> NamesTaken:
    """Open a case with the names of a file that was sent in (CSV, XLSX or GeoJSON); no case where rows are refused.

    Raises
    ------
    Forbidden, BadInput, BadQuery, CaseTooLarge, DivisionUnknown, DivisionCodeInvalid, CaseApproverNeeded
        As `open_case_from_file`.
    """
    division = divisions.get_division(session, new.division)
    policy.require(actor, Verb.OPEN_CASE, division=division.code)
    return case_names.open_case_sent(session, new, content, file_name, actor=actor, crs=crs, skip=skip)


@dataclass(frozen=True, slots=True)
class ImportRunRow:
    """One import as it is listed."""

    fid: int
    id: UUID
    kind: str
    dataset: str | None
    file_name: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    actor: str
    report: dict[str, object]


def list_imports(session: ReadSession, page: Page) -> Listing[ImportRunRow]:
    """Imports, the newest first; `page.after` is the `fid` that the page begins below, 0 for the newest."""
    question = (
        select(
            ImportRun.fid,
            ImportRun.id,
            ImportRun.kind,
            Dataset.key.label("dataset"),
            ImportRun.file_name,
            ImportRun.state,
            ImportRun.started_at,
            ImportRun.finished_at,
            ImportRun.actor,
            ImportRun.report,
        )
        .outerjoin(Dataset, Dataset.id == ImportRun.dataset_id)
        .order_by(ImportRun.fid.desc())
        .limit(page.limit + 1)
    )
    if page.after:
        question = question.where(ImportRun.fid < page.after)
    rows = [ImportRunRow(**row._mapping) for row in session.execute(question)]  # noqa: SLF001 - SQLAlchemy's public name for it
    return listing(rows, page, lambda row: row.fid)
