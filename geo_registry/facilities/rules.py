"""The rules that a facility keeps: values in, findings out; no session, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from geo_registry.facilities.kinds import KINDS
from geo_registry.vocabulary import FacilityKind, FacilityStatus

MAX_CAPACITY = 10_000_000
"""More beds, places or graves than any one facility has: the number is a mistake (a telephone number, a code)."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a facility breaks: where, and why in both languages."""

    field: str
    zh: str
    en: str


def breaches(
    *,
    kind: FacilityKind,
    status: FacilityStatus,
    opened_on: date | None,
    closed_on: date | None,
    capacity: int | None,
    detail: Mapping[str, object],
) -> Iterator[Breach]:
    """What is wrong with a facility whose values have the right types (`kinds.py`); nothing where it is sound.

    - it doesn't close before it opens, and one with a closing date is closed or going to be;
    - the capacity is plausible;
    - its kind has every field of `detail`, and parts don't exceed their whole (nursing beds the beds, used graves
      the graves).
    """
    if opened_on is not None and closed_on is not None and closed_on < opened_on:
        yield Breach("closed_on", f"早于开业日期 {opened_on}", f"before it opened ({opened_on})")
    if closed_on is not None and status in {FacilityStatus.PLANNED, FacilityStatus.BUILDING}:
        yield Breach("closed_on", f"状态为“{status.zh}”", f"it is {status.en}")
    if capacity is not None and not 0 <= capacity <= MAX_CAPACITY:
        yield Breach("capacity", f"应在 0 至 {MAX_CAPACITY} 之间", f"not between 0 and {MAX_CAPACITY}")
    rules = KINDS[kind]
    for key, value in detail.items():
        field = rules.field(key)
        if field is None:
            yield Breach(key, f"{kind.zh}没有这一项", f"a {kind.en} has no such field")
            continue
        whole = detail.get(field.at_most) if field.at_most else None
        if isinstance(value, int) and isinstance(whole, int) and value > whole:
            yield Breach(key, f"{value} 大于 {field.at_most} {whole}", f"{value} exceeds {field.at_most}, {whole}")


def capacity_of(kind: FacilityKind, detail: Mapping[str, object]) -> int | None:
    """The capacity that a kind's own field tells (beds, graves, …), in the kind's unit; None where it doesn't."""
    key = KINDS[kind].capacity_field
    value = detail.get(key) if key else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def with_capacity(kind: FacilityKind, detail: Mapping[str, object], capacity: int | None) -> dict[str, object]:
    """The fields of a kind when its capacity becomes another: the one that tells it (beds, graves, …) follows."""
    key = KINDS[kind].capacity_field
    others = {name: value for name, value in detail.items() if name != key}
    if key is None or key not in detail or capacity is None:
        return others
    return {name: capacity if name == key else value for name, value in detail.items()}
