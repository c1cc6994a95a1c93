"""What the notebooks' pictures share: letters that have Chinese, what tells examples apart, maps with a still beside."""

import html
import io
import math
import warnings
from base64 import b64encode
from dataclasses import dataclass, field

import folium
import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

from geo_registry.coverage.mapfile import self_contained

CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Droid Sans Fallback",
)
"""Families that have Chinese in its simplified forms, the best first."""

LATIN = "DejaVu Sans"
"""Comes with matplotlib; draws what the Chinese one lacks."""

DPI = 110
NO_TRACES = {"Software": None}
"""A picture's own metadata: without the version of what drew it, the same picture is the same file."""

MAP_HEIGHT_PX = 560


def prepare() -> None:
    """Set pictures and tables up for both languages; a warning where this machine has no letters for Chinese."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    chosen = next((family for family in CHINESE if family in installed), None)
    if chosen is None:
        warnings.warn(
            "没有中文字体，图中的汉字会显示为方框：sudo apt-get install fonts-noto-cjk · "
            "no font has Chinese: the pictures will show boxes",
            stacklevel=2,
        )
    mpl.rcParams.update(
        {
            "font.family": [chosen, LATIN] if chosen else [LATIN],
            "font.size": 10,
            "axes.unicode_minus": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.dpi": DPI,
            "figure.constrained_layout.use": True,
        }
    )
    set_matplotlib_formats("png", metadata=NO_TRACES)  # type: ignore[no-untyped-call]
    pd.options.display.unicode.east_asian_width = True
    pd.options.display.width = 160
    pd.options.display.max_columns = 20


def says_example(axes: Axes) -> None:
    """Write into a picture that it shows example data, wherever the picture goes."""
    axes.text(
        1,
        1.01,
        "示例数据 synthetic example data",
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        color="#aa0000",
        fontsize=8,
    )


def bare_map(axes: Axes) -> None:
    """A map's axes: no ticks or frame; a degree of longitude as long as it is there."""
    axes.set_axis_off()
    south, north = axes.get_ylim()
    axes.set_aspect(1 / math.cos(math.radians((south + north) / 2)))


@dataclass(frozen=True)
class LiveMap:
    """A map to move about in, with a still of it for where there is none: on paper, in a repository's view."""

    document: str = field(repr=False)
    """A whole HTML document, which needs nothing from elsewhere."""
    still: Figure = field(repr=False)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        picture = io.BytesIO()
        self.still.savefig(picture, format="png", metadata=NO_TRACES)
        plt.close(self.still)
        # An origin of its own: what a name in the data might hold reaches nothing of the notebook.
        frame = (
            f'<iframe sandbox="allow-scripts" title="地图 map" width="100%" height="{MAP_HEIGHT_PX}" '
            f'style="border:0" srcdoc="{html.escape(self.document)}"></iframe>'
        )
        return {"text/html": frame, "image/png": b64encode(picture.getvalue()).decode()}


def live_map(page: folium.Map, still: Figure, *, title: str) -> LiveMap:
    """A folium map and its still; the map has Leaflet in it and opens with no internet.

    Raises
    ------
    PageLibrariesMissing
        The set-up hasn't copied Leaflet.
    """
    note = '<section id="legend"><p class="synthetic">示例数据 synthetic example data</p></section>'
    return LiveMap(self_contained(page, title=title, body=note), still)
