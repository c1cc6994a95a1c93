"""The table that a case's names are filled into: the columns as tables have them, and one row that shows how."""

import csv
import io

from geo_registry.vocabulary import NameAction, PlaceClass

COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("名称", "示例路", "name", "示例路"),
    ("办理方式", NameAction.NAME.zh, "action", NameAction.NAME.value),
    ("现名", "", "place", ""),
    ("并入", "", "absorbs", ""),
    ("析自", "", "splits", ""),
    ("地名类别", PlaceClass.STREET.zh, "class", PlaceClass.STREET.value),
    ("所在区划", "", "division", ""),
    ("起点", "示例街", "begins_at", "a first road"),
    ("止点", "样本路", "ends_at", "a last road"),
    ("长度（米）", "1520", "length_m", "1520"),
    ("宽度（米）", "24", "width_m", "24"),
    ("路面", "沥青", "surface", "asphalt"),
    ("建成时间", "2026年3月", "built_to", "2026-03"),
    ("含义", "示例，请改写或删去此行", "meaning", "an example: change or remove this row"),
    ("理由", "", "origin", ""),
    ("起点经度", "", "from_lon", ""),
    ("起点纬度", "", "from_lat", ""),
    ("止点经度", "", "to_lon", ""),
    ("止点纬度", "", "to_lat", ""),
)
"""In zh what a column is called and holds in the row that is an example; in en likewise."""

FILE_NAME = "case-names.csv"


def template(locale: str) -> bytes:
    """The table as CSV, as spreadsheets read it: UTF-8 with a mark."""
    zh = not locale.startswith("en")
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(each[0 if zh else 2] for each in COLUMNS)
    table.writerow(each[1 if zh else 3] for each in COLUMNS)
    return b"\xef\xbb\xbf" + written.getvalue().encode()
