"""``python -m geo_registry.cli``: the same command line, by the interpreter that already runs."""

from geo_registry.cli.main import run

run()
