"""Every row of a file is accounted for once, and importing it again changes nothing."""

import csv
from datetime import date
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo_registry.db.session import Database
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.service import import_file
from geo_registry.vocabulary import DatasetKind, PopulationBasis
from tests.factories import operator

_number = count(1)

GOOD_ROWS = 12
"""As many as there are others at most: a file in which most positions are impossible is refused as a whole."""

ids = st.sampled_from(["a", "b", "c", "d", ""])
coordinates = st.sampled_from(["119.6", "119.7", "29.1", "0", "", "200", "east"])
people = st.sampled_from(["0", "10", "1,000", "-1", "NaN", "", "x", "3.5"])
notes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
rows = st.lists(
    st.tuples(ids, coordinates, coordinates, people, st.sampled_from(["0", "1", ""]), notes), min_size=1, max_size=12
)


def written(folder: Path, table: list[tuple[str, ...]]) -> Path:
    path = folder / f"rows{next(_number)}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source_id", "lon", "lat", "population", "wanted", "note"])
        writer.writerows((f"good{at}", "119.6", f"29.{at}", "7", "1", "") for at in range(GOOD_ROWS))
        writer.writerows(table)
    return path


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(table=rows)
def test_every_row_is_accounted_for_and_the_second_time_nothing_changes(
    database: Database, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        'where = "wanted = 1"\n[columns]\nsource_id = "source_id"\npopulation.all = "population"\n[geometry]\nlon = "lon"\nlat = "lat"',
        encoding="utf-8",
    )
    path = written(tmp_path, table)

    def imported() -> ImportReport:
        command = ImportCommand(
            kind=DatasetKind.POPULATION,
            path=path,
            mapping=mapping,
            as_of=date(2020, 11, 1),
            basis=PopulationBasis.RESIDENT,
        )
        return import_file(database, command, actor=operator())

    first, second = imported(), imported()
    for report in (first, second):
        assert report.read == len(table) + GOOD_ROWS
        assert report.read == report.created + report.updated + report.unchanged + report.refused + report.skipped
        refused = {problem.row for problem in report.problems if problem.code.severity.value == "refused"}
        assert len(refused) == report.refused
    assert (second.created, second.updated, second.refused) == (0, 0, first.refused)
    assert second.absent == 0
    with database.read() as session:
        key = {"key": path.stem}
        there = session.scalar(
            text("SELECT count(*) FROM demand_point p JOIN dataset d ON d.id = p.dataset_id WHERE d.key = :key"), key
        )
    assert there == first.created


names = st.sampled_from(["人民路", "人明路", "人民路", "王村", "", "Ā", "长" * 101])
cells = st.sampled_from(["", "旧村;老村", "红旗路（1966—1981）", "人民路", "、、", "红旗路（1981—1966）"])
days = st.sampled_from(["", "1958", "1958年3月", "明代", "昨天", "9999-12-31"])
kinds = st.sampled_from(["", "标准名称", "曾用名", "别名"])
place_rows = st.lists(
    st.tuples(ids, names, st.sampled_from(["道路", "自然村", "什么", ""]), kinds, cells, days, days, coordinates),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=place_rows)
def test_place_names_are_all_accounted_for_and_a_second_import_changes_nothing(
    database: Database, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    path = tmp_path / f"names{next(_number)}.csv"
    header = ["source_id", "name", "class", "name_kind", "names.former", "named_on", "name_to", "lon", "lat"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows((f"good{at}", f"好{at}路", "道路", "", "", "", "", "119.6", "29.1") for at in range(GOOD_ROWS))
        writer.writerows((*row, "29.1") for row in table)
    columns = "\n".join(f'"{each}" = "{each}"' for each in header[:-2])
    mapping = tmp_path / "names.toml"
    mapping.write_text(f'[columns]\n{columns}\n[geometry]\nlon = "lon"\nlat = "lat"\n', encoding="utf-8")
    command = ImportCommand(kind=DatasetKind.PLACES, path=path, mapping=mapping)
    first = import_file(database, command, actor=operator())
    assert first.read == GOOD_ROWS + len(table)
    assert first.read == first.created + first.updated + first.unchanged + first.refused + first.skipped
    again = import_file(database, command, actor=operator())
    assert (again.created, again.updated) == (0, 0)
    assert (again.unchanged, again.refused) == (first.created + first.updated + first.unchanged, first.refused)
    assert {each.row for each in first.problems if each.code.severity.value == "refused"} == {
        each.row for each in again.problems if each.code.severity.value == "refused"
    }
