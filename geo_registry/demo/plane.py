"""The plane that the landscape is made on: metres east and north of a point in the city's middle, and its randomness.

Everything comes out the same on every machine: heights and costs are whole numbers made of sums, products and square
roots, which IEEE 754 settles to the last bit; what isn't settled so (powers) only ranks random draws; and positions are
rounded to a tenth of a metre.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ORIGIN_DEG = (120.0, 29.1)
"""Longitude and latitude of the plane's origin (EPSG:4490)."""
M_PER_DEG = (97_350.0, 110_850.0)
"""Metres in a degree of longitude and of latitude there; over the city this is wrong by less than 0.6 %."""
DECIMALS = 6
"""Decimals of a degree that positions keep: a tenth of a metre."""

SEED = 3307


def to_plane(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Degrees (EPSG:4490) as metres east and north of the origin."""
    x = (np.asarray(lon, np.float64) - ORIGIN_DEG[0]) * M_PER_DEG[0]
    return x, (np.asarray(lat, np.float64) - ORIGIN_DEG[1]) * M_PER_DEG[1]


def to_degrees(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Metres of the plane as degrees (EPSG:4490), rounded to a tenth of a metre."""
    lon = ORIGIN_DEG[0] + np.asarray(x, np.float64) / M_PER_DEG[0]
    lat = ORIGIN_DEG[1] + np.asarray(y, np.float64) / M_PER_DEG[1]
    return np.round(lon, DECIMALS), np.round(lat, DECIMALS)


def random(purpose: int) -> np.random.Generator:
    """The randomness of one step; steps don't disturb each other's."""
    return np.random.Generator(np.random.PCG64([SEED, purpose]))


def smooth_step(value: Floats) -> Floats:
    """0 below 0, 1 above 1, and a smooth way between (Perlin's quintic)."""
    t = np.clip(value, 0.0, 1.0)
    stepped: Floats = t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
    return stepped


_GRADIENTS = (
    np.array([(5, 0), (4, 3), (3, 4), (0, 5), (-3, 4), (-4, 3), (-5, 0), (-4, -3), (-3, -4), (0, -5), (3, -4), (4, -3)])
    / 5
)
_TURNS = ((1.0, 0.0), (3 / 5, 4 / 5), (5 / 13, 12 / 13), (8 / 17, 15 / 17), (20 / 29, 21 / 29))
"""Turns of the lattice, as cosine and sine: noises of several scales on one another then show no common grid."""


def _gradients(column: Longs, row: Longs, salt: int) -> Floats:
    """The gradient of each lattice point, drawn from integers alone (a mixer like splitmix64); shape (…, 2)."""
    with np.errstate(over="ignore"):
        z = column.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = z ^ (
            row.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(salt) * np.uint64(0x165667B19E3779F9)
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> np.uint64(31)
    gradients: Floats = _GRADIENTS[((z >> np.uint64(20)) % np.uint64(len(_GRADIENTS))).astype(np.int64)]
    return gradients


def noise(x: Floats, y: Floats, *, wave_m: float, salt: int) -> Floats:
    """Smooth noise of about [-1, 1] whose hills lie about `wave_m` apart (Perlin's gradient noise); shape (n,)."""
    cosine, sine = _TURNS[salt % len(_TURNS)]
    u, v = (cosine * x - sine * y) / wave_m, (sine * x + cosine * y) / wave_m
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    dx, dy = u - column, v - row
    west, south = int(column.min()), int(row.min())
    columns, rows = np.arange(west, int(column.max()) + 2), np.arange(south, int(row.max()) + 2)
    across, along = np.moveaxis(_gradients(columns[None, :], rows[:, None], salt), -1, 0)
    corner = (row - south) * columns.size + (column - west)

    def height(right: int, up: int) -> Floats:
        at = corner + (up * columns.size + right)
        rise: Floats = across.ravel()[at] * (dx - right) + along.ravel()[at] * (dy - up)
        return rise

    s, t = smooth_step(dx), smooth_step(dy)
    low = height(0, 0) * (1 - s) + height(1, 0) * s
    high = height(0, 1) * (1 - s) + height(1, 1) * s
    height_there: Floats = (low * (1 - t) + high * t) * 1.4
    return height_there


def fractal(x: Floats, y: Floats, *, wave_m: float, octaves: int, salt: int) -> Floats:
    """Noise of several scales on top of each other, each half as wide and half as high as the one before."""
    total = np.zeros_like(x)
    for octave in range(octaves):
        total += noise(x, y, wave_m=wave_m / 2**octave, salt=salt + octave) / 2**octave
    scaled: Floats = total / (2 - 2 / 2**octaves)
    return scaled


def ridges(x: Floats, y: Floats, *, wave_m: float, octaves: int, salt: int) -> Floats:
    """Noise of [0, 1] with sharp crests and side valleys between them (Musgrave's ridged multifractal, plainly)."""
    total, weight = np.zeros_like(x), np.ones_like(x)
    height, whole = 1.0, 0.0
    for octave in range(octaves):
        crest = (1.0 - np.abs(noise(x, y, wave_m=wave_m / 2**octave, salt=salt + octave))) ** 2
        total += crest * weight * height
        weight = np.clip(crest * 1.6, 0.0, 1.0)
        whole += height
        height *= 0.5
    return total / whole


def distance_to_line(x: Floats, y: Floats, line: Floats) -> tuple[Floats, Floats]:
    """How far points lie from a line of `n` vertices, shape (n, 2), in metres, and how far along it (0 to 1)."""
    nearest = np.full(x.shape, np.inf)
    along = np.zeros(x.shape)
    pieces = len(line) - 1
    for at in range(pieces):
        (x0, y0), (x1, y1) = line[at], line[at + 1]
        dx, dy = x1 - x0, y1 - y0
        t = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
        away = np.sqrt((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2)
        along = np.where(away < nearest, (at + t) / pieces, along)
        nearest = np.minimum(nearest, away)
    return nearest, along
