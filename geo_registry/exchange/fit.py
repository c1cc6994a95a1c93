"""Whether a file's positions fit the CRS that they are taken for: one bad position is a row's, most are the file's."""

import numpy as np

from geo_registry.errors import CrsMisfit
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.positions import Mask
from geo_registry.exchange.problems import ProblemCode
from geo_registry.geo.crs import LARGEST_DEGREES, Crs, advice
from geo_registry.geo.shifted import Degrees

MISFIT_SHARE = 0.5
"""More bad positions, or degrees in a CRS of metres, than this share of all that were seen: it isn't the rows, it is
the CRS."""


class PositionCheck:
    """Looks at the positions of one file, batch by batch."""

    def __init__(self) -> None:
        self._seen = 0
        self._bad = 0
        self._degrees = 0

    def look(
        self, batch: Batch, crs: Crs, *, there: Mask, bad: Mask, x: Degrees, y: Degrees, lon: Degrees, lat: Degrees
    ) -> None:
        """Refuse the rows whose position can't be.

        Parameters
        ----------
        there, bad
            Which rows have a position, and whose can't be.
        x, y
            The positions as the file has them, in `crs`.
        lon, lat
            The same in EPSG:4490, in degrees.

        Raises
        ------
        CrsMisfit
            Most positions can't be, most are degrees where the CRS is in metres, or none lies near the area that the
            CRS is made for.
        """
        first = self._seen == 0
        self._seen += int(there.sum())
        self._bad += int(bad.sum())
        if self._bad > MISFIT_SHARE * self._seen:
            raise _misfit(batch, crs, int(np.argmax(bad)), x, y)
        degrees = there & (np.maximum(np.abs(x), np.abs(y)) <= LARGEST_DEGREES) & (not crs.in_degrees)
        self._degrees += int(degrees.sum())
        if self._degrees > MISFIT_SHARE * self._seen:
            raise _misfit(batch, crs, int(np.argmax(degrees)), x, y)
        good = there & ~bad
        if first and good.any() and crs.misses_its_area(lon[good], lat[good]):
            raise _misfit(batch, crs, int(np.argmax(good)), x, y)
        for at in np.flatnonzero(bad).tolist():
            batch.tell(at, "", f"{x[at]:g}, {y[at]:g}", ProblemCode.POSITION_IMPLAUSIBLE)


def _misfit(batch: Batch, crs: Crs, at: int, x: Degrees, y: Degrees) -> CrsMisfit:
    suggested = advice(float(x[at]), float(y[at]))
    return CrsMisfit(
        used=crs.name,
        assumed_zh="（文件未声明，按默认）" if crs.assumed else "",
        assumed_en=" (the file declares none)" if crs.assumed else "",
        row=batch.numbers[at],
        found=f"{x[at]:g}, {y[at]:g}",
        hint_zh=suggested.zh,
        hint_en=suggested.en,
    )
