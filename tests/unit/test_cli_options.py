"""What the program's help says of every command."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from geo_registry.cli.main import app

HANDS_OVER = ("db psql",)
"""Its arguments are another program's."""


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        path = f"{above} {name}".strip()
        yield from commands(command, path) if hasattr(command, "commands") else [(path, command)]


@pytest.mark.parametrize(("path", "command"), list(commands(get_command(app))))
def test_every_command_has_an_example_and_json(path: str, command: Any) -> None:
    assert f"Example: geo-registry {path}" in command.help
    options = {option for parameter in command.params for option in parameter.opts}
    assert path in HANDS_OVER or "--json" in options
