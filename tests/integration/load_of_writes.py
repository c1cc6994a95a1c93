"""What is killed in `test_killed_writes`: ``python -m tests.integration.load_of_writes URL write FILE|seal FOLDER``."""

import os
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

from geo_registry.accounts.sealing import Heads, sealing
from geo_registry.db.session import Database
from geo_registry.model import FacilityContact
from tests.factories import make_facility

THREADS = 4
PAUSE_S = 0.005
"""Between two transactions of one writer: the load is there, and the chain stays short enough to be checked each time."""


def write(database: Database, acknowledged: Path) -> None:
    """Write pairs for ever, a facility and its contact in one transaction; of those that are committed, note the name."""
    file = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        name = uuid4().hex
        with database.write(actor="writer", why=name) as session:
            made = make_facility(session, name=name)
            session.add(FacilityContact(facility_id=made.id, person=name, phone="110"))
        os.write(file, f"{name}\n".encode())
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    opened, what, place = Database.connect(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    if what == "seal":
        with sealing(opened, Heads.of(place)):
            threading.Event().wait()
    for _ in range(THREADS):
        threading.Thread(target=write, args=(opened, place), daemon=True).start()
    threading.Event().wait()
