"""Fifteen hundred names as one case: out of a workbook, checked, split by finding, approved, announced with its annex.

A hundred thousand places in ninety counties (`benchmarks/names.py`); the workbook names streets of one county, most of them
free, some as others are called already. The check of the case is held against the check of its names one by one, as somebody
does who asks for each: it finds what these find, and what the names of the case are to one another besides. Each round is
another case.
"""

import argparse
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TypeVar
from uuid import UUID

import xlsxwriter

from benchmarks import names, tiles
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Ratio, Series, limited, ratio
from geo_registry.accounts.actors import Actor, local_operator
from geo_registry.cases import service
from geo_registry.cases.checking import LineFinding
from geo_registry.cases.inputs import Announcing, NewCase, Split, Taking
from geo_registry.cases.papers import annex_xlsx
from geo_registry.cases.queries import LineRow
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database
from geo_registry.exchange.case_names import NamesCommand
from geo_registry.exchange.service import open_case_from_file
from geo_registry.places import service as places
from geo_registry.places.checking import NameQuestion
from geo_registry.vocabulary import CaseStep, FindingCode

REGISTERED = 100_000
NAMES = 1_500
ROUNDS = 3
CHECK_S = 10.0
"""That a check takes seconds, not minutes."""
AMONG_THEMSELVES = frozenset({FindingCode.OVERLAP, FindingCode.GAP, FindingCode.SERIES})
"""What only a case has: names that are drawn, and that are given together."""
WIDTH_M = {"路": 12, "街": 20, "巷": 4}
"""Generic parts of the workbook's names, and how wide such streets are in it."""
COUNTY = f"33{names.FIRST:04d}000000"

Done = TypeVar("Done")


def workbook(path: Path, chance: random.Random) -> Path:
    """A workbook of streets of one county, each of another name, as offices fill it in."""
    west, south = names.corner(0)
    called: dict[str, None] = {}
    while len(called) < NAMES:
        # One in fifty is called as streets everywhere are.
        common = chance.random() < 1 / 50
        specific = chance.choice(names.COMMON.split()) if common else "".join(chance.choices(names.CHARACTERS, k=3))
        called[specific + chance.choice(tuple(WIDTH_M))] = None
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, ("名称", "类别", "起点", "止点", "长度（米）", "宽度（米）", "路面", "含义", "几何"))
    for at, name in enumerate(called, start=1):
        lon, lat = west + chance.random() * names.AREA_DEG, south + chance.random() * names.AREA_DEG
        drawn = f"LINESTRING({lon:.6f} {lat:.6f},{lon + 0.002:.6f} {lat + 0.0004:.6f},{lon + 0.004:.6f} {lat:.6f})"
        sheet.write_row(at, 0, (name, "街", "村口", "村尾", 396, WIDTH_M[name[-1]], "水泥", "示例", drawn))
    book.close()
    return path


class Course:
    """One case from its workbook to its announcement; how long each part took, in seconds."""

    def __init__(self, database: Database, actor: Actor, number: int) -> None:
        self._database = database
        self._actor = actor
        self._number = number
        self.took: dict[str, float] = {}

    def run(self, folder: Path) -> None:
        """All of it; that the check finds what is found name by name is seen on the way."""
        path = workbook(folder / f"{self._number}.xlsx", random.Random(100 + self._number))  # noqa: S311
        new = NewCase.model_validate(
            {"kind": "naming", "title": f"示例 {self._number}", "division": COUNTY, "plan": "示例", "reasons": "示例"}
        )
        taken = self._timed(
            "opened",
            lambda: open_case_from_file(
                self._database, NamesCommand(path=path), new, actor=self._actor, synthetic=True
            ),
        )
        insist(taken.case is not None, f"{taken.read.problems[:3]}")
        assert taken.case is not None
        case, lines = taken.case.case.id, taken.case.lines
        insist(len(lines) == NAMES, f"{len(lines)} names in the case")
        with self._database.read() as session:
            found = self._timed("checked", lambda: service.check_case(session, case, actor=self._actor))
            self._timed("one by one", lambda: self._one_by_one(lines, found))
        self._decide(case, [line for line in lines if any(each.counts for each in found[line.id])])

    def _one_by_one(self, lines: Sequence[LineRow], found: Mapping[UUID, Sequence[LineFinding]]) -> None:
        with self._database.read() as session:
            for line in lines:
                question = NameQuestion(
                    line.name, line.place_class, line.division_code, line.lon, line.lat, detail=line.detail
                )
                alone = {each.code for each in places.check_name(session, question, actor=self._actor)}
                insist(
                    alone - AMONG_THEMSELVES <= {each.finding.code for each in found[line.id]},
                    f"{line.name}: {alone} found alone",
                )

    def _decide(self, case: UUID, doubtful: Sequence[LineRow]) -> None:
        if doubtful:
            split = Split(lines=tuple(line.id for line in doubtful), why="待核实")
            self._timed(
                "split", lambda: self._write(lambda session: service.split_case(session, case, split, seen=WHICHEVER, actor=self._actor))
            )  # fmt: skip
        self._step(service.submit, case, CaseStep.SUBMIT)
        self._step(service.handle, case, CaseStep.CHECK)
        self._step(service.handle, case, CaseStep.HANDLE)
        self._step(service.sign, case, CaseStep.REVIEW)
        self._step(service.sign, case, CaseStep.SIGN)
        told = self._timed("approved", lambda: self._step(service.decide, case, CaseStep.APPROVE))
        insist(len(told.lines) == NAMES - len(doubtful), f"{len(told.lines)} names were approved")
        told = self._timed("announced", lambda: self._step(service.follow_up, case, CaseStep.ANNOUNCE, Announcing()))
        with self._database.read() as session:
            _, said = service.get_announcement(session, told.announcements[0].id)
        self._timed("annex", lambda: annex_xlsx(said))

    def _step(
        self, verb: Callable[..., service.CaseTold], case: UUID, step: CaseStep, taking: Taking | None = None
    ) -> service.CaseTold:
        # Whoever signs is another.
        actor = replace(self._actor, name="signer") if step is CaseStep.SIGN else self._actor
        return self._write(
            lambda session: verb(session, case, step, taking or Taking(), seen=WHICHEVER, actor=actor), actor
        )

    def _write(self, work: Callable[..., Done], actor: Actor | None = None) -> Done:
        with self._database.write(actor=actor or self._actor) as session:
            return work(session)

    def _timed(self, part: str, work: Callable[[], Done]) -> Done:
        began = perf_counter()
        done = work()
        self.took[part] = perf_counter() - began
        return done


PARTS = {
    "opened": "opened out of a workbook",
    "checked": "checked against the registry and one another",
    "one by one": "its names checked one by one, against the registry alone",
    "split": "those with findings split off",
    "approved": "approved: the names take effect",
    "announced": "announced",
    "annex": "the annex (XLSX)",
}


def measure(database: Database, *, rounds: int = ROUNDS) -> tuple[list[Row], list[str]]:
    """The rows, and what was found to agree."""
    taken: dict[str, list[float]] = {part: [] for part in PARTS}
    with TemporaryDirectory() as folder:
        for number in range(rounds):
            course = Course(database, local_operator(), number)
            course.run(Path(folder))
            for part, seconds in course.took.items():
                taken[part].append(seconds)
    series = {part: Series(tuple(each)) for part, each in taken.items() if each}
    checked = series["checked"]
    size = f"{NAMES:,} names"
    rows = [
        Row(
            PARTS[part],
            size,
            each,
            against=_against(part, each, checked),
            promised=1 if part in {"checked", "one by one"} else None,
            note=f"allowed: {CHECK_S:g} s" if part == "checked" else "",
        )
        for part, each in series.items()
    ]
    return rows, ["the check of the case finds what the names checked one by one find"]


def _against(part: str, each: Series, checked: Series) -> Ratio | None:
    if part == "checked":
        return limited(CHECK_S, checked)
    return ratio(each, checked) if part == "one by one" else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish, in a registry of its own that is removed afterwards; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", help="there is one size in this one")
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    with tiles.own_registry() as (database, settings):
        names.fill(database, REGISTERED)
        tiles.vacuum(settings)
        rows, checks = measure(database, rounds=rounds)
    return 0 if publish(Report("cases", "Fifteen hundred names as one case", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
