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
