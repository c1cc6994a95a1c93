"""The verbs of the room: load the demonstration into an empty registry, take it out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import Database
from geo_registry.demo import deciding, queries, region, registering, sign_ins, successions, tables
from geo_registry.demo.datasets import LICENCES
from geo_registry.demo.files import write_files
from geo_registry.demo.places import Places
from geo_registry.divisions.service import record_successions
from geo_registry.errors import DemoIncomplete, OwnerNeeded, RegistryNotEmpty
from geo_registry.exchange.service import import_file
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.vocabulary import DatasetKind

CLEARING = "demo clear"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: rows that were written by kind of data, and the seconds that each step took."""

    already: bool
    """Whether all of it was there before, and nothing was done."""
    rows: Mapping[str, int]
    seconds: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """As `demo load --json` prints it."""
        return {
            "already": self.already,
            "rows": dict(self.rows),
            "seconds": {step: round(took, 2) for step, took in self.seconds.items()},
            "licences": {kind.value: licence for kind, licence in LICENCES.items()},
        }


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was taken out: rows by table; none where there was no demonstration."""

    rows: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """As `demo clear --json` prints it."""
        return {"rows": dict(self.rows)}


def load(database: Database, *, actor: Actor, progress: Progress = unheard) -> Loaded:
    """Generate the demonstration and import it, as anybody's files are imported; what is there already stays as it is.

    Each kind of data is one import and one transaction. Loading that was interrupted is taken up again.

    Raises
    ------
    Forbidden
        The actor may not.
    RegistryNotEmpty
        The registry holds other data, which examples would stand among.
    DemoIncomplete
        An import refused rows of the demonstration; what was imported stays.
    """
    policy.require(actor, Verb.LOAD_DEMO)
    with database.read() as session:
        if queries.is_whole(session):
            return Loaded(already=True, rows={}, seconds={})
        if queries.holds_other_data(session):
            raise RegistryNotEmpty
    rows: dict[str, int] = {}
    seconds: dict[str, float] = {}
    began = monotonic()
    with TemporaryDirectory(prefix="geo-registry-demo-") as folder:
        made = region.make_region(lambda done: progress("make", done, region.STEPS))
        seconds["make"] = monotonic() - began
        began = monotonic()
        commands = write_files(made, Path(folder))
        places = made.places
        del made
        seconds["files"] = monotonic() - began
        for command in commands:
            kind = command.kind.value
            report = import_file(database, command, actor=actor, progress=_of(kind, progress))
            if report.refused:
                raise DemoIncomplete(kind=kind, refused=report.refused)
            rows[kind] = rows.get(kind, 0) + report.created + report.updated
            seconds[kind] = seconds.get(kind, 0.0) + report.seconds
            if command.vintage == tables.EARLIER[-1]:
                # All lists of divisions are there: before what comes last says that all of the demonstration is.
                began = monotonic()
                rows["successions"] = _record_successions(database, actor)
                seconds["successions"] = monotonic() - began
    began = monotonic()
    rows[DatasetKind.PLACES.value] = _register_places(database, places, actor, progress)
    seconds[DatasetKind.PLACES.value] = monotonic() - began
    began = monotonic()
    registering.review(database, actor=actor, progress=_of("names", progress))
    seconds["names"] = monotonic() - began
    with database.write(actor=actor, why="demo load", verb=Verb.LOAD_DEMO.value) as session:
        sign_ins.open_again(session)
    return Loaded(already=False, rows=rows, seconds=seconds)


def _record_successions(database: Database, actor: Actor) -> int:
    """What the lists tell of their divisions by their codes and names, and what else is known of them."""
    with database.write(actor=actor, why="demo load", verb=Verb.RECORD_SUCCESSION.value) as session:
        outcome = record_successions(session, successions.known(), actor=actor)
    if outcome.refused:
        raise DemoIncomplete(kind="successions", refused=len(outcome.refused))
    return outcome.created


def _register_places(database: Database, places: Places, actor: Actor, progress: Progress) -> int:
    """All places in one transaction; those that are there already stay as they are."""
    kind, total = DatasetKind.PLACES.value, len(places.named)
    with database.write(actor=actor, why="demo load", verb=Verb.REGISTER_PLACE.value) as session:
        if DatasetKind.PLACES in queries.datasets(session):
            return 0
        registered = registering.register(
            session, places, actor=actor, heard=lambda done: progress(f"{kind}: write", done, total)
        )
        deciding.decide(session, actor=actor, progress=progress)
        return registered


def _of(kind: str, progress: Progress) -> Progress:
    def listen(step: str, done: int, total: int | None = None) -> None:
        progress(f"{kind}: {step}", done, total)

    return listen


def clear(owner: Database, *, actor: Actor, progress: Progress = unheard) -> Cleared:
    """Take out the demonstration's rows, their history, and the runs that they answered, in one transaction.

    Its accounts can't be used any more. Other data stay. Where they stood in divisions of the demonstration they stand in none; divisions whose boundary
    came from another import stay too.

    Parameters
    ----------
    owner
        The database as the role that owns it: the application's own can't delete (ADR 0007, 0027).

    Raises
    ------
    Forbidden
        The actor may not.
    OwnerNeeded
        It is another role's.
    """
    policy.require(actor, Verb.CLEAR_DEMO)
    with owner.write(actor=actor, why=CLEARING, verb=Verb.CLEAR_DEMO.value) as session:
        if not queries.may_delete(session):
            raise OwnerNeeded
        there = queries.datasets(session)
        if not there:
            return Cleared(rows={})
        progress("clear", 0, 1)
        rows = queries.take_out(session, list(there.values()))
        sign_ins.close_all(session)
    progress("clear", 1, 1)
    return Cleared(rows=rows)
