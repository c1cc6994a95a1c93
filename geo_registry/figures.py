"""How figures are written for people: one rule, on pages, in the terminal, in reports and on their maps (docs/planner.md).

What is rounded is the decimal that `repr` shows, which is also what JSON and JavaScript show; a half goes away from
zero. `api/web/static/js/figures.js` is the same rule in the browser; `tests/golden/figures.json` holds both to it.
"""

from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"
"""Written where there is no figure."""

MINUS = "−"

LEAST_PERCENT, MOST_PERCENT = Decimal("0.1"), Decimal("99.9")
"""What is nearly none or nearly all isn't rounded to it: it is said to be less than the one, more than the other."""

METRES_BEFORE_KM = 1000


def whole(count: float | None) -> str:
    """People and other counts: no decimals, thousands apart; ``1,204``."""
    return NOTHING if count is None else _written(_rounded(_decimal(count), 0))


def percent(share: float | None, locale: str) -> str:
    """A share from 0 to 1, with one decimal: ``6.3%``; `locale` decides how wide the sign before 0.1 and 99.9 is."""
    if share is None:
        return NOTHING
    exact = _decimal(share) * 100
    rounded = _rounded(exact, 1)
    less, more = ("<", ">") if locale.startswith("en") else ("＜", "＞")
    if exact > 0 and rounded == 0:
        return f"{less}{LEAST_PERCENT}%"
    if exact < 100 and rounded == 100:
        return f"{more}{MOST_PERCENT}%"
    return f"{_written(rounded)}%"


def minutes(taken: float | None) -> str:
    """Minutes that a way takes, with one decimal: ``15.0``."""
    return NOTHING if taken is None else _written(_rounded(_decimal(taken), 1))


def metres(length: float | None) -> str:
    """A length in metres: whole ones with ``m``; what isn't less than a thousand of them as kilometres, with one decimal."""
    if length is None:
        return NOTHING
    exact = _decimal(length)
    if abs(rounded := _rounded(exact, 0)) < METRES_BEFORE_KM:
        return f"{_written(rounded)} m"
    return f"{_written(_rounded(exact / 1000, 1))} km"


def given(value: float | None) -> str:
    """What somebody set (a threshold, a speed, a limit): as it was set, without zeros at the end; ``15``, ``4.8``."""
    if value is None:
        return NOTHING
    written = f"{_decimal(value):f}".replace("-", MINUS)
    return written.rstrip("0").rstrip(".") if "." in written else written


def _decimal(value: float) -> Decimal:
    # NumPy's floats say their type in their repr.
    return Decimal(value) if isinstance(value, int) else Decimal(repr(float(value)))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _written(rounded: Decimal) -> str:
    # Nothing is never negative.
    return f"{rounded or abs(rounded):,f}".replace("-", MINUS)
