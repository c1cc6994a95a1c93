"""The files that a field team carries: a workbook, a map with a list, or GeoJSON."""

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from geo_registry.unnamed import geojson, sheet
from geo_registry.unnamed.service import Carried


class FieldFormat(StrEnum):
    """The kinds of file; a file's name ends in one."""

    XLSX = "xlsx"
    PDF = "pdf"
    GEOJSON = "geojson"


MEDIA_TYPES: Mapping[FieldFormat, str] = MappingProxyType(
    {
        FieldFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FieldFormat.PDF: "application/pdf",
        FieldFormat.GEOJSON: "application/geo+json",
    }
)


def content_of(carried: Carried, file: FieldFormat, locale: str) -> bytes:
    """What is carried, as a file; the words of GeoJSON in zh or en, of the others as the field needs them.

    Raises
    ------
    FontMissing
        This machine has no face with Chinese characters for a map.
    """
    if file is FieldFormat.XLSX:
        return sheet.workbook(carried.lanes, carried.offers, carried.signs)
    if file is FieldFormat.PDF:
        from geo_registry.coverage.faces import faces  # noqa: PLC0415 - matplotlib takes a second to import
        from geo_registry.unnamed import fieldmap  # noqa: PLC0415

        return fieldmap.document(
            carried.lanes, carried.offers, families=faces(), backdrop=carried.backdrop, signs=carried.signs
        )
    return json.dumps(geojson.collection(carried.lanes, locale), ensure_ascii=False).encode()
