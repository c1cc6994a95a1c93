"""What is refused before a command begins: wrong settings, wrong use."""

from pathlib import Path

import pytest

from tests.cli.conftest import Registry


@pytest.fixture
def anywhere(tmp_path: Path) -> Registry:
    """Commands that are refused need no database."""
    return Registry(tmp_path / "registry")


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("up",),
        ("serve",),
        ("worker",),
        ("migrate",),
        ("db", "start"),
        ("db", "stop"),
        ("db", "status"),
        ("db", "backup", "file"),
        ("db", "psql"),
        ("import", "list"),
        ("network", "info"),
        ("coverage", "run", "care-circle-15min"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_every_command(anywhere: Registry, command: tuple[str, ...]) -> None:
    said = anywhere(*command, GEO_PORT="abc")
    assert (said.code, said.stdout) == (2, "")
    lines = said.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == ["settings-invalid"] * 2
    assert "GEO_PORT=abc，应为 1 到 65535 的整数" in lines[0]


def test_a_setting_that_cannot_be_is_one_document_with_json(anywhere: Registry) -> None:
    said = anywhere("status", "--json", GEO_LOCALE="fr")
    assert (said.code, said.stderr) == (2, "")
    assert said.json["error"]["code"] == "settings-invalid"
    assert "GEO_LOCALE=fr" in said.json["error"]["messages"]["en"]


def test_help_needs_no_settings(anywhere: Registry) -> None:
    assert anywhere("coverage", "run", "--help", GEO_PORT="abc").code == 0


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        ("coverage run", "缺少参数 standard", "Missing argument 'standard'"),
        ("coverage run x --zone", "选项 --zone 后面缺少值", "Option '--zone' requires an argument"),
        ("coverage run x --nothing", "没有选项 --nothing", "No such option: --nothing"),
        ("coverage run x --populaton", "没有选项 --populaton；相近的有 --output, --population", "Possible options: "),
        ("coverage rn", "没有命令 rn；相近的有 run", "No such command 'rn'. Did you mean 'run'?"),
        ("nothing", "没有命令 nothing", "No such command 'nothing'"),
        ("coverage run x y z", "多余的参数：y z", "Got unexpected extra argument(s) (y z)"),
        ("db stop --json=1", "选项 --json 不带值", "Option '--json' does not take a value"),
        (
            "serve --port abc",
            "--port 的值无效：应为整数",
            "Invalid value for '--port': Input should be a valid integer",
        ),
        ("serve --port 0", "--port 的值无效：不应小于 1", "Invalid value for '--port'"),
        ("network info --mode swim", "--mode 的值“swim”无效，应为以下之一：walk, drive", "'swim' is not one of"),
        ("coverage run x --as-of soon", "--as-of 的值“soon”无效，应为日期，如 2020-11-01", "'soon' does not match"),
    ],
)
def test_wrong_use_is_said_in_both_languages_with_its_code(
    anywhere: Registry, arguments: str, zh: str, en: str
) -> None:
    said = anywhere(*arguments.split())
    assert (said.code, said.stdout) == (2, "")
    assert f"command-misused: 命令用法有误：{zh}" in said.stderr.splitlines()
    assert en in said.stderr
    assert "Value error" not in said.stderr


def test_wrong_use_keeps_the_line_that_says_how_it_goes(anywhere: Registry) -> None:
    lines = anywhere("coverage", "run").stderr.splitlines()
    assert lines[0].startswith("Usage: geo-registry coverage run [OPTIONS]")
    assert "`geo-registry coverage run --help`" in lines[2]


def test_a_name_that_is_no_text_is_json_all_the_same(anywhere: Registry) -> None:
    said = anywhere("coverage", "run", "a\udcffb", "--json", PYTHONIOENCODING="utf-8:strict")
    assert said.code == 1
    assert "a\udcffb" in said.json["error"]["messages"]["zh-CN"]


def test_a_group_alone_shows_its_commands(anywhere: Registry) -> None:
    said = anywhere("db")
    assert said.code == 2
    assert "backup" in said.stderr
    assert "command-misused" not in said.stderr
