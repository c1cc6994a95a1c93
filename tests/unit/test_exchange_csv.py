from pathlib import Path

import pytest

from geo_registry.errors import (
    EncodingMismatch,
    EncodingUnknown,
    FileCutOff,
    FileEmpty,
    FileUnreadable,
    FileUnsupported,
)
from geo_registry.exchange import csv_files
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.filters.expression import ValueType

ROWS = "id,名称\n1,婺城区\n2,金东区\n"


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(source: CsvSource) -> list[tuple[str, ...]]:
    return [
        tuple(str(value) for value in row)
        for chunk in source.chunks()
        for row in zip(*[chunk.column(name) for name in source.columns], strict=True)
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_encoding_is_found_by_trying(tmp_path: Path, encoding: str, found: str) -> None:
    source = CsvSource(written(tmp_path, ROWS, encoding))
    assert source.encoding == found
    assert source.columns == ("id", "名称")
    assert rows(source) == [("1", "婺城区"), ("2", "金东区")]


def test_encoding_that_was_named_is_taken_strictly(tmp_path: Path) -> None:
    assert CsvSource(written(tmp_path, "id,名稱\n1,臺北\n", "big5"), encoding="Big5").columns == ("id", "名稱")
    with pytest.raises(EncodingMismatch):
        CsvSource(written(tmp_path, ROWS, "gbk"), encoding="utf-8")
    with pytest.raises(EncodingUnknown):
        CsvSource(written(tmp_path, ROWS), encoding="utf-99")


def test_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodingMismatch):
        CsvSource(written(tmp_path, b"a,b\n\xff\xff,1\n"))


def test_header_with_zero_bytes_is_in_another_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS, "utf-16-le")
    with pytest.raises(EncodingMismatch, match="NUL"):
        CsvSource(path)
    assert CsvSource(path, encoding="utf-16-le").columns == ("id", "名称")


def test_file_that_ends_in_half_a_character_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(FileCutOff):
        CsvSource(written(tmp_path, ROWS.encode()[:-2]))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_that_of_the_header(tmp_path: Path, delimiter: str) -> None:
    source = CsvSource(written(tmp_path, f'a{delimiter}"b,;c"\n1{delimiter}2\n'))
    assert source.columns == ("a", "b,;c")
    assert rows(source) == [("1", "2")]


def test_headers_without_a_name_or_twice_the_same_are_told_apart(tmp_path: Path) -> None:
    assert CsvSource(written(tmp_path, "a,,a\n1,2,3\n")).columns == ("a", "_2", "a_3")


def test_rows_of_nothing_are_no_rows(tmp_path: Path) -> None:
    source = CsvSource(written(tmp_path, "\na,b\n1,2\n\n,,\n3,4\n,\n"))
    assert source.scan(()).rows == 2
    assert rows(source) == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"\xef\xbb\xbf"])
def test_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileEmpty):
        CsvSource(written(tmp_path, content)).scan(())


def test_last_row_with_too_few_fields_is_where_the_file_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(FileCutOff) as refused:
        CsvSource(written(tmp_path, "a,b,c\n1,2,3\n4,5,6\n7,8")).scan(())
    assert refused.value.details["where"] == 3


def test_quote_that_is_never_closed_cuts_the_file_off(tmp_path: Path) -> None:
    with pytest.raises(FileCutOff) as refused:
        CsvSource(written(tmp_path, 'a,b\n1,2\n3,"x\n4,5\n')).scan(())
    assert refused.value.details["where"] == 2


def test_ragged_row_in_the_middle_stands_apart(tmp_path: Path) -> None:
    source = CsvSource(written(tmp_path, "a,b\n1,2\n3,4,5\n6,7\n"))
    assert source.scan(()).rows == 3
    (chunk,) = source.chunks()
    assert chunk.numbers == [1, 3]
    assert [(ragged.row, ragged.fields) for ragged in chunk.ragged] == [(2, ("3", "4", "5"))]


@pytest.mark.parametrize(
    ("beginning", "kind"), [(b"PK\x03\x04rest", "xlsx / zip"), (b"SQLite format 3\x00", "gpkg / sqlite")]
)
def test_other_kinds_of_file_are_named(tmp_path: Path, beginning: bytes, kind: str) -> None:
    with pytest.raises(FileUnsupported) as refused:
        CsvSource(written(tmp_path, beginning))
    assert refused.value.details["found"] == kind


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        CsvSource(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", ""], ValueType.NUMBER),
        (["NA", "-3", "1e3"], ValueType.NUMBER),
        (["007", "008"], ValueType.TEXT),
        (["2020-01-01", "2021-12-31"], ValueType.DATE),
        (["2020-01-01", "2021-02-30"], ValueType.TEXT),
        (["true", "FALSE"], ValueType.BOOLEAN),
        (["1", "true"], ValueType.TEXT),
        (["inf", "1"], ValueType.TEXT),
        (["", "NA"], None),
    ],
)
def test_column_has_the_type_of_all_its_values(tmp_path: Path, values: list[str], kind: ValueType | None) -> None:
    source = CsvSource(written(tmp_path, "k,v\n" + "".join(f"{at},{value}\n" for at, value in enumerate(values))))
    assert source.scan(["v"]).types == {"v": kind}


def test_text_that_spoils_a_column_of_numbers_is_found(tmp_path: Path) -> None:
    assert CsvSource(written(tmp_path, "v\n1\n2\nmany\n4\n")).scan(["v"]).mixed == {"v": (3, "many")}


def test_rows_come_in_chunks_of_constant_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "CHUNK_ROWS", 3)
    source = CsvSource(written(tmp_path, "v\n" + "".join(f"{at}\n" for at in range(1, 8))))
    assert [list(chunk.numbers) for chunk in source.chunks()] == [[1, 2, 3], [4, 5, 6], [7]]


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []

    def progress(step: str, done: int, total: int | None = None) -> None:
        told.append((step, done, total))

    path = written(tmp_path, "v\n" + "1\n" * 50_000)
    CsvSource(path).scan((), progress)
    assert len(told) >= 3
    assert told[-1] == ("read", path.stat().st_size, path.stat().st_size)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
