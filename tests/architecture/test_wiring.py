"""Processes know what they need: the worker every room's jobs, the command line nothing heavy before it is asked."""

import subprocess
import sys

import pytest

from geo_registry.cli.serving import declare_tasks
from geo_registry.jobs.registry import tasks
from geo_registry.settings import CHECKOUT

HEAVY = (
    "numba",
    "fastapi",
    "sqlalchemy",
    "folium",
    "pyogrio",
    "shapely",
    "uvicorn",
    "procrastinate",
    "jinja2",
    "pypinyin",
    "matplotlib",
    "docx",
    "argon2",
)


def test_the_worker_declares_every_rooms_jobs() -> None:
    declare_tasks()
    files = (CHECKOUT / "geo_registry").glob("*/jobs.py")
    rooms = {path.parent.name for path in files if "@task(" in path.read_text(encoding="utf-8")}
    assert rooms
    assert rooms <= {task.partition(".")[0] for task in tasks()}


@pytest.mark.parametrize(
    "wiring",
    [
        "import api.main; api.main.create_app()",
        "from geo_registry.cli import console; console.registry().__enter__()",
    ],
)
def test_whoever_may_change_a_name_keeps_its_keys_up(wiring: str) -> None:
    program = f"""
from contextlib import suppress
from geo_registry.errors import DomainError
with suppress(DomainError):
    {wiring}
from geo_registry.search import keeping
print(keeping.installed())
"""
    environment = {"GEO_DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, cwd=CHECKOUT
    )
    assert done.stdout.strip() == "True"


def test_help_imports_nothing_heavy() -> None:
    program = f"import geo_registry.cli.main, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_importing_the_api_opens_nothing() -> None:
    program = "import api.main; api.main.create_app()"
    environment = {"GEO_DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=CHECKOUT)


def test_a_service_draws_nothing_before_it_is_asked() -> None:
    program = "import api.main, sys; api.main.create_app(); print([name for name in ('matplotlib', 'docx') if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert loaded.stdout.strip() == "[]"
