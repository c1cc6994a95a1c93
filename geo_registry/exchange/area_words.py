"""What cells of tables of built-up areas hold: lists of codes. Values in, values out."""

from geo_registry.built_up.inputs import codes_in
from geo_registry.divisions.rules import normalised
from geo_registry.errors import DivisionCodeInvalid
from geo_registry.exchange.converters import text
from geo_registry.exchange.problems import ProblemCode, Refused


def division_codes(value: object) -> list[str] | None:
    """A list of codes in one cell, each with twelve digits, by their order; None for an empty one.

    Raises
    ------
    Refused
        One of them isn't a code.
    """
    said = text(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or ""))
    if said is None:
        return None
    try:
        return sorted({normalised(each) for each in codes_in(said.strip("[]").replace('"', ""))}) or None
    except DivisionCodeInvalid:
        raise Refused(ProblemCode.NOT_A_CODE) from None
