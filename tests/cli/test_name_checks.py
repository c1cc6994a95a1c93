"""`geo-registry names check|review|clear`: as a person reads them and as a program does."""

from pathlib import Path

import pytest

from tests.cli.conftest import Registry

DIVISIONS = "code,name\n330702000000,婺城区\n330702001000,江南街道\n330703000000,金东区\n500100000000,重庆市\n"


@pytest.fixture(scope="module")
def filled(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    rows = Path(tmp_path_factory.mktemp("rows")) / "divisions.csv"
    rows.write_text(DIVISIONS, encoding="utf-8")
    assert registry("import", "divisions", rows, "--vintage", "2023").code == 0
    return registry


def test_json_has_what_was_agreed_and_an_error_ends_with_1(filled: Registry) -> None:
    done = filled(
        "names", "check", "金东区", "--class", "division", "--division", "500100000000", "--json", GEO_LOCALE="en"
    )
    assert done.code == 1
    assert done.json["name"] == "金东区"
    (finding,) = done.json["findings"]
    assert finding.keys() >= {"code", "severity", "article", "message", "collides_with", "distance_m"}
    assert (finding["code"], finding["severity"]) == ("duplicate", "error")
    assert finding["article"] == "《地名管理条例》第九条第（七）项"
    assert finding["collides_with"]["name"] == "金东区"
    assert finding["collides_with"]["division"] == "330703000000"
    assert finding["messages"]["zh-CN"] == "与“金东区”重名：全国内县级以上行政区划不应重名"


def test_a_warning_is_no_error_and_is_read_with_its_article(filled: Registry) -> None:
    done = filled("names", "check", "曼哈顿大桥", "--class", "bridge", GEO_LOCALE="zh-CN")
    assert done.code == 0
    assert done.stdout == (
        "“曼哈顿”像外国人名或地名\n  警告 · foreign-name · 《地名管理条例》第九条第（五）项 · 未核实\n"
    )


def test_what_has_no_findings_says_so(filled: Registry) -> None:
    done = filled("names", "check", "通济桥", "--class", "bridge")
    assert (done.code, done.stdout) == (0, "")
    assert "通济桥" in done.stderr


def test_a_size_is_held_against_the_name(filled: Registry) -> None:
    done = filled("names", "check", "人民大桥", "--class", "bridge", "--length", "30", "--json")
    assert [each["code"] for each in done.json["findings"]] == ["generic-size"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("，", "--class", "street"), "name-question-empty"),
        (("村" * 101, "--class", "street"), "name-question-empty"),
        (("人民路", "--class", "street", "--at", "1"), "near-invalid"),
        (("人民路", "--class", "avenue"), "command-misused"),
    ],
)
def test_what_cannot_be_asked_is_refused(filled: Registry, arguments: tuple[str, ...], code: str) -> None:
    done = filled("names", "check", *arguments, "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == code


@pytest.mark.parametrize("said", ["999999", "无此区"])
def test_a_division_that_is_not_there_is_refused(filled: Registry, said: str) -> None:
    done = filled("names", "check", "人民路", "--class", "street", "--division", said, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "division-unknown")


def test_a_division_may_be_said_by_its_name(filled: Registry) -> None:
    done = filled("names", "check", "金东区", "--class", "division", "--division", "婺城区", "--json")
    assert [each["code"] for each in done.json["findings"]] == ["duplicate"]


def test_all_names_are_reviewed_and_one_is_cleared(filled: Registry) -> None:
    """A county in another province of the same name, of which one is told."""
    found = filled("names", "review", "--json")
    assert found.code == 0
    assert found.json.keys() >= {"review", "names", "seconds", "counts", "findings"}
    assert (found.json["names"], found.json["findings"]) == (4, [])
    refused = filled("names", "clear", found.json["review"], "brand-name", "--reason", "x", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "finding-unknown")
    reasonless = filled("names", "clear", found.json["review"], "brand-name", "--reason", " ", "--json")
    assert (reasonless.code, reasonless.json["error"]["code"]) == (1, "clearance-reason-invalid")


def test_what_is_shown_is_what_clears_it(filled: Registry, tmp_path: Path) -> None:
    rows = tmp_path / "places.csv"
    rows.write_text(
        "id,name,class,lon,lat,division\n"
        "1,人民路,street,119.61,29.08,330702001\n2,人民路,street,119.62,29.08,330702001\n",
        encoding="utf-8",
    )
    assert filled("import", "places", rows).code == 0
    found = filled("names", "review", "--code", "duplicate", GEO_LOCALE="zh-CN").stdout
    assert found.count("names clear ") == 1, "a pair is told once"
    assert "↔ 人民路 · 街路巷 · 330702001000 · 972 m" in found
    command = found.partition("geo-registry names clear ")[2].partition(" --reason")[0].split()
    assert filled("names", "clear", *command, "--reason", "沿用已久").code == 0
    assert "names clear " not in filled("names", "review", "--code", "duplicate").stdout
