"""What an import is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DatasetKind, PopulationBasis

REPORTED_PROBLEMS = 1_000
"""Problems that a report lists; the rest is counted, and written with every row to the file of `--report`."""


@dataclass(frozen=True, slots=True)
class ImportCommand:
    """One file to import."""

    kind: DatasetKind
    path: Path
    dataset: str | None = None
    """The dataset's key; without it, the file's stem."""
    mapping: Path | None = None
    crs: str = "auto"
    """``auto``, ``epsg:N``, ``gcj02`` or ``bd09``."""
    encoding: str = "auto"
    layer: str | None = None
    vintage: int | None = None
    """Of divisions, where no column and no constant says it."""
    basis: PopulationBasis | None = None
    as_of: date | None = None
    """The date that the population is of."""
    licence: str | None = None
    """Whom to credit for the data, and under which licence; shown wherever the data are."""
    dry_run: bool = False
    """Do everything, then roll all of it back."""
    report: Path | None = None
    """Where every problem is written, with the original row beside it."""

    @property
    def dataset_key(self) -> str:
        """How the dataset is called."""
        if self.dataset is not None:
            return self.dataset
        stem = self.path.stem
        # Both `city.osm.pbf` and `city.shp.zip` are `city`.
        return Path(stem).stem if stem.endswith((".osm", ".shp")) else stem


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What a dataset is of."""

    basis: PopulationBasis | None = None
    as_of: date | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: every row that was read was created, updated, unchanged, refused or skipped."""

    run: UUID | None
    """None for a dry run."""
    kind: DatasetKind
    dataset: str
    read: int
    created: int
    updated: int
    unchanged: int
    """Rows that were there already just so, and rows that repeat another of the file."""
    refused: int
    skipped: int
    """Rows that don't fulfil the mapping's condition, and ways that are no roads."""
    absent: int
    """Rows of the dataset from earlier imports that this file doesn't hold; they stay."""
    crs: str
    encoding: str
    mapping: Mapping[str, str]
    """Which column filled which field."""
    proposed: tuple[str, ...]
    """The fields whose column was proposed from its name."""
    ignored: tuple[str, ...]
    """Columns of the file that filled nothing: a mapping may say what they are."""
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, int]
    seconds: float
    dry_run: bool
    extra: Mapping[str, int] = field(default_factory=dict)
    """Counts of what came beside the rows (barriers)."""

    @property
    def taken(self) -> bool:
        """Whether anything of the file was taken: not when every row was refused."""
        return self.refused == 0 or self.created + self.updated + self.unchanged > 0

    def as_json(self, locale: str | None = None) -> dict[str, object]:
        """The report as `import … --json` prints it; messages in `locale`, by default that of the settings."""
        said_in = locale or get_settings().locale
        return {
            "run": None if self.run is None else str(self.run),
            "kind": self.kind.value,
            "dataset": self.dataset,
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "skipped": self.skipped,
            "absent": self.absent,
            **self.extra,
            "crs": self.crs,
            "encoding": self.encoding,
            "mapping": dict(self.mapping),
            "proposed": list(self.proposed),
            "ignored": list(self.ignored),
            "problems": [_problem(problem, said_in) for problem in self.problems],
            "problem_counts": dict(self.problem_counts),
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
        }


def _problem(problem: Problem, locale: str) -> dict[str, object]:
    told: dict[str, object] = {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "code": problem.name,
        "severity": problem.code.severity.value,
        "message": problem.message(locale),
    }
    if problem.code is ProblemCode.NAME_RULE:
        told["rule_severity"] = problem.details["severity"]
        told["article"] = problem.details["article"]
        other = problem.collides_with
        told["collides_with"] = other and {
            key: int(value) if key in {"row", "distance_m"} else value for key, value in other.items()
        }
    return told
