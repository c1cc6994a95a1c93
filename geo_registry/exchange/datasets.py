"""The dataset that an import writes to, held by one import at a time."""

import unicodedata
from uuid import UUID

from sqlalchemy import func, literal, select, text

from geo_registry.db.session import WriteSession
from geo_registry.errors import DatasetContradicted, DatasetKeyInvalid
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.model import Dataset
from geo_registry.vocabulary import DatasetKind

LONGEST_KEY = 255
"""Characters: as many as a file's name may have, by which a dataset is called unless told."""
QUOTED_CHARACTERS = 60
"""Characters of a key that a refusal quotes."""


def check_key(key: str) -> None:
    """See that a dataset can be called so.

    Raises
    ------
    DatasetKeyInvalid
        It is empty, too long, or has line breaks or other characters that are no text.
    """
    odd = any(unicodedata.category(character) in {"Cc", "Cs"} for character in key)
    if not key.strip() or len(key) > LONGEST_KEY or odd:
        raise DatasetKeyInvalid(key=key[:QUOTED_CHARACTERS], longest=LONGEST_KEY)


def hold(session: WriteSession, kind: DatasetKind, key: str) -> None:
    """Wait until no other import writes to the dataset, and keep others waiting until this transaction ends.

    Divisions wait for each other whatever the dataset: several lists name the same division.
    """
    name = f"import:{kind.value}" if kind is DatasetKind.DIVISIONS else f"import:{kind.value}:{key}"
    # An import may take as long as it takes, and so may the wait for it.
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL lock_timeout = 0"))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(literal(name), 0))))


def dataset_for(session: WriteSession, kind: DatasetKind, key: str, facts: DatasetFacts) -> UUID:
    """The dataset of that kind and key; made where there is none.

    Raises
    ------
    DatasetContradicted
        It is there with another basis or date.
    """
    there = session.scalar(select(Dataset).where(Dataset.kind == kind.value, Dataset.key == key))
    if there is None:
        made = Dataset(
            kind=kind.value,
            key=key,
            basis=facts.basis.value if facts.basis else None,
            as_of=facts.as_of,
            licence=facts.licence,
        )
        session.add(made)
        session.flush()
        return made.id
    if (facts.basis is not None and there.basis != facts.basis.value) or (
        facts.as_of is not None and there.as_of != facts.as_of
    ):
        raise DatasetContradicted(key=key, there=f"{there.basis} {there.as_of}", here=f"{facts.basis} {facts.as_of}")
    if facts.licence:
        there.licence = facts.licence
    return there.id
