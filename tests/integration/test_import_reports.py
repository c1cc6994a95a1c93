"""Where an import's report may be written, and what stands there when it can't be."""

import os
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_registry.db.session import Database
from geo_registry.errors import ReportUnusable, StorageFull
from geo_registry.exchange import reports
from geo_registry.exchange.inputs import ImportReport
from geo_registry.vocabulary import DatasetKind
from tests.integration.imports import ask, run_import, write_csv, write_mapping

MAPPING = """
[columns]
population.all = "population"
[constants]
date = "2020-11-01"
basis = "resident"
"""
EARLIER = "an earlier report\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,10", "b,119.6,29.1,-1")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path, MAPPING)


def imported(database: Database, path: Path, mapping: Path, report: Path, *, dry_run: bool = False) -> ImportReport:
    return run_import(database, DatasetKind.POPULATION, path, mapping=mapping, report=report, dry_run=dry_run)


def nothing_is_there(database: Database) -> bool:
    return all(ask(database, f"SELECT count(*) FROM {table}") == [(0,)] for table in ("demand_point", "import_run"))


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("link", [None, os.symlink, os.link])
@pytest.mark.parametrize("own", ["rows.csv", "map.toml"])
def test_report_never_takes_the_place_of_what_is_read(
    database: Database, path: Path, mapping: Path, *, own: str, link: object, dry_run: bool
) -> None:
    before = path.read_bytes(), mapping.read_bytes()
    report = path.parent / "." / own
    if callable(link):
        report = path.parent / "linked"
        link(path.parent / own, report)
    with pytest.raises(ReportUnusable) as refused:
        imported(database, path, mapping, report, dry_run=dry_run)
    assert "--report" in refused.value.hint("en")
    assert (path.read_bytes(), mapping.read_bytes()) == before
    assert nothing_is_there(database)


def test_report_never_takes_the_place_of_a_part_of_a_shapefile(database: Database, tmp_path: Path) -> None:
    shape = tmp_path / "cells.shp"
    points = shapely.to_wkb(np.array([shapely.Point(119.6, 29.1)], dtype=object))
    pyogrio.raw.write(shape, points, [np.array([-1])], ["population"], crs="EPSG:4490", geometry_type="Point")
    before = (tmp_path / "cells.dbf").read_bytes()
    with pytest.raises(ReportUnusable):
        imported(database, shape, write_mapping(tmp_path, MAPPING), tmp_path / "cells.dbf")
    assert (tmp_path / "cells.dbf").read_bytes() == before


def test_report_that_has_no_folder_is_refused_before_the_import(database: Database, path: Path, mapping: Path) -> None:
    for report in (path.parent, path.parent / "none" / "problems.csv"):
        with pytest.raises(ReportUnusable) as refused:
            imported(database, path, mapping, report)
    assert str(path.parent / "none") in refused.value.message("zh-CN")
    assert str(path.parent / "none") in refused.value.message("en")
    assert nothing_is_there(database)


def test_report_that_breaks_off_leaves_the_earlier_one_and_nothing_half(
    database: Database, path: Path, mapping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = path.parent / "problems.csv"
    report.write_text(EARLIER, encoding="utf-8")

    def broken(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patched:
        patched.setattr(reports, "_rows", broken)
        with pytest.raises(ReportUnusable, match="not permitted"):
            imported(database, path, mapping, report)
    assert report.read_text(encoding="utf-8") == EARLIER
    assert {one.name for one in path.parent.iterdir()} == {"rows.csv", "map.toml", "problems.csv"}
    assert nothing_is_there(database)

    imported(database, path, mapping, report)
    assert "negative" in report.read_text(encoding="utf-8-sig")
    assert {one.name for one in path.parent.iterdir()} == {"rows.csv", "map.toml", "problems.csv"}


def test_report_behind_a_link_is_written_where_the_link_leads(database: Database, path: Path, mapping: Path) -> None:
    target = path.parent / "target.csv"
    target.write_text(EARLIER, encoding="utf-8")
    report = path.parent / "problems.csv"
    report.symlink_to(target)
    imported(database, path, mapping, report)
    assert report.is_symlink()
    assert "negative" in target.read_text(encoding="utf-8-sig")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no /dev/full")
def test_full_disk_under_the_report_is_said_and_undoes_the_import(
    database: Database, path: Path, mapping: Path
) -> None:
    with pytest.raises(StorageFull) as refused:
        imported(database, path, mapping, Path("/dev/full"))
    assert refused.value.message("en").startswith("the disk is full: ")
    assert "rolled back" in refused.value.hint("en")
    assert Path("/dev/full").is_char_device()
    assert nothing_is_there(database)
