"""Write the golden files anew: ``python -m tests.golden.rewrite``; the change is then reviewed as a diff."""

import json
from pathlib import Path

from api.main import create_app
from geo_registry.settings import Settings
from tests.golden import access

OPENAPI = Path(__file__).with_name("openapi.json")
COMMAND = "python -m tests.golden.rewrite"


def described() -> str:
    """The API's description as it stands in the golden file."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    OPENAPI.write_text(described(), encoding="utf-8")
    access.PAGE.write_text(access.written(access.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
