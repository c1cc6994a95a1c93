"""`geo-registry search`: as a person reads it and as a program does."""

from pathlib import Path

import pytest

from tests.cli.conftest import Registry

FACILITIES = "id,name,kind,lon,lat\n1,白沙公墓,cemetery,119.60,29.10\n2,白沙<东>公墓,cemetery,119.90,29.10\n"


@pytest.fixture(scope="module")
def filled(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    rows = Path(tmp_path_factory.mktemp("rows")) / "facilities.csv"
    rows.write_text(FACILITIES, encoding="utf-8")
    assert registry("import", "facilities", rows).code == 0
    return registry


def test_json_has_what_was_agreed(filled: Registry) -> None:
    done = filled("search", "baisha", "--json")
    assert done.code == 0
    assert done.json["query"] == "baisha"
    first = done.json["hits"][0]
    assert first.keys() >= {"id", "type", "name", "label", "matched", "match", "score", "lon", "lat", "code"}
    assert (first["name"], first["type"], first["match"], first["lon"]) == ("白沙公墓", "facility", "pinyin", 119.6)


def test_the_nearer_come_first(filled: Registry) -> None:
    done = filled("search", "白沙", "--near", "119.95,29.1", "--json")
    assert [hit["name"] for hit in done.json["hits"]] == ["白沙<东>公墓", "白沙公墓"]


def test_people_read_what_it_is(filled: Registry) -> None:
    assert "白沙公墓: 公墓 · " in filled("search", "bsgm", GEO_LOCALE="zh-CN").stdout
    assert "白沙公墓: cemetery · " in filled("search", "bsgm", GEO_LOCALE="en").stdout


def test_nothing_found_is_no_refusal(filled: Registry) -> None:
    done = filled("search", "黑石")
    assert (done.code, done.stdout) == (0, "")
    assert "黑石" in done.stderr
    assert filled("search", "黑石", "--json").json == {"query": "黑石", "hits": []}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("，",), "search-empty"), (("村" * 101,), "search-too-long"), (("村", "--near", "1"), "near-invalid")],
)
def test_what_cannot_be_asked_is_refused(registry: Registry, arguments: tuple[str, ...], code: str) -> None:
    done = registry("search", *arguments, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, code)
