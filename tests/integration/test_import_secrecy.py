"""What is classified is refused, and no table, report or message keeps anything of it."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from geo_registry.db.session import Database
from geo_registry.vocabulary import DatasetKind, PopulationBasis
from tests.integration.imports import codes, run_import, write_csv, write_mapping

CLASSIFIED = "不可外传的粮库"
"""Stands in every column that takes a text."""

TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')
"""


def tables_with(database: Database, word: str) -> list[str]:
    """The tables, the history's and the import's own included, that have a row in which `word` stands."""
    with database.read() as session:
        tables = session.scalars(text(TABLES)).all()
        # Every row as a text: the schema's own names, no values of the test's, are put into the question.
        return [
            name
            for name in tables
            if session.scalar(
                text(f"SELECT EXISTS (SELECT FROM {name} AS one WHERE strpos(one::text, :word) > 0)"), {"word": word}
            )
        ]


@pytest.mark.parametrize("kind", [DatasetKind.FACILITIES, DatasetKind.POPULATION])
@pytest.mark.parametrize("mapped", ["", '[columns]\nsecrecy = "标注"', '[constants]\nsecrecy = "秘密"'])
def test_row_whose_secrecy_can_not_be_read_is_told_and_not_repeated(
    database: Database, tmp_path: Path, *, kind: DatasetKind, mapped: str
) -> None:
    path = write_csv(
        tmp_path,
        f"id,name,kind,lon,lat,population,{'标注' if mapped else '密级'}",
        f"1,{CLASSIFIED},home-care-centre,119.6,29.1,3,,秘密",
        f"2,{CLASSIFIED},home-care-centre",
        "3,公开的粮库,home-care-centre,119.6,29.1,3,公开",
    )
    report_path = tmp_path / "problems.csv"
    census = {"as_of": date(2020, 11, 1), "basis": PopulationBasis.RESIDENT}
    mapping = write_mapping(tmp_path, mapped)
    report = run_import(database, kind, path, dataset="stores", mapping=mapping, report=report_path, **census)
    assert codes(report)[:2] == [(1, "ragged-row"), (2, "ragged-row")]
    with report_path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["report_row"], row["report_code"]) for row in rows[:2]] == [("1", "ragged-row"), ("2", "ragged-row")]
    assert CLASSIFIED not in report_path.read_text(encoding="utf-8-sig")
    assert CLASSIFIED not in json.dumps(report.as_json(), ensure_ascii=False)
    assert tables_with(database, CLASSIFIED) == []


@pytest.mark.parametrize("mapped", ["", '[constants]\nsecrecy = "公开"'])
def test_row_that_does_not_fit_the_header_is_repeated_where_none_is_secret(
    database: Database, tmp_path: Path, mapped: str
) -> None:
    path = write_csv(tmp_path, "id,name,kind,lon,lat", "1,二号粮库", "2,一号粮库,home-care-centre,119.6,29.1")
    report_path = tmp_path / "problems.csv"
    mapping = write_mapping(tmp_path, mapped)
    run_import(database, DatasetKind.FACILITIES, path, mapping=mapping, report=report_path)
    assert "二号粮库" in report_path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("said", ["秘密", "机密", "内部", "secret", "?"])
@pytest.mark.parametrize("others", [True, False])
def test_nothing_of_a_classified_row_is_kept(database: Database, tmp_path: Path, *, said: str, others: bool) -> None:
    public = ["1,公开的粮库,home-care-centre,119.6,29.1,一号,公开"] if others else []
    path = write_csv(
        tmp_path,
        "id,name,kind,lon,lat,address,密级",
        *public,
        f"{CLASSIFIED}2,{CLASSIFIED},home-care-centre,119.6,29.1,{CLASSIFIED},{said}",
        f"{CLASSIFIED}3,{CLASSIFIED},{CLASSIFIED},{CLASSIFIED},{CLASSIFIED},{CLASSIFIED},{said}",
    )
    mapping = write_mapping(tmp_path, '[columns]\nkind = "kind"\n[geometry]\nlon = "lon"\nlat = "lat"')
    report_path = tmp_path / "problems.csv"
    report = run_import(database, DatasetKind.FACILITIES, path, dataset="stores", mapping=mapping, report=report_path)
    assert report.created == len(public)
    assert codes(report) == [(len(public) + 1, "not-public"), (len(public) + 2, "not-public")]
    assert CLASSIFIED not in json.dumps(report.as_json(), ensure_ascii=False)
    assert CLASSIFIED not in report_path.read_text(encoding="utf-8-sig")
    assert tables_with(database, CLASSIFIED) == []
    assert bool(tables_with(database, "公开的粮库")) == others
