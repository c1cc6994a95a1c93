"""What the tests of imports share: files made in place, and the import as the command line calls it."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Row, text

from geo_registry.db.session import Database
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.service import import_file
from geo_registry.vocabulary import DatasetKind
from tests.factories import operator


def write_csv(folder: Path, *lines: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    """A CSV file of `lines`, the first of which is the header."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def write_mapping(folder: Path, content: str, name: str = "map.toml") -> Path:
    """A mapping file."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def run_import(database: Database, kind: DatasetKind, path: Path, **options: object) -> ImportReport:
    """Import a file, as `geo-registry import` does."""
    command = ImportCommand(kind=kind, path=path, **options)  # type: ignore[arg-type]
    return import_file(database, command, actor=operator())


def ask(database: Database, sql: str) -> Sequence[Row[*tuple[object, ...]]]:
    """The rows of a question to the database."""
    with database.read() as session:
        return session.execute(text(sql)).all()


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    """Read, created, updated, unchanged, refused."""
    return report.read, report.created, report.updated, report.unchanged, report.refused


def codes(report: ImportReport) -> list[tuple[int, str]]:
    """The problems: row and code."""
    return [(problem.row, problem.name) for problem in report.problems]
