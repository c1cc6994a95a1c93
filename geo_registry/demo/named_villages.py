"""Natural villages, at the demonstration's hamlets, and seats of villages' committees, under their real names."""

from collections.abc import Iterator

import numpy as np

from geo_registry.demo import plane, shapes, tables
from geo_registry.demo.layout import Layout
from geo_registry.demo.named import BY_EXAMPLE, KNOWN, NamedPlace, OtherName, Tie
from geo_registry.vocabulary import Certainty, NameKind, PlaceClass, PlaceRelationKind, PlaceState

_CALLED = """
上宅 下宅 里金 外金 塘头 岩下 溪口 前畈 后畈 童店 上陈 下陈 岭脚 大坞 石塘 楼下 竹园 章店 水碓 后吴
山头下 金村 樟坞 井头 桥里 八角塘 西畈 叶店 寺后 郑宅里 横塘 马塘 上楼 杜店 白坑 黄坛 东坞 殿下 徐店 荷塘下
石井 高畈 蒋塘 下潘 上方 柿树下 青塘 古塘里 深坞 曹宅里 潘店 毛店 长塘 枫塘 园里 新屋下 牌楼下 祠堂后 油车 窑头
"""
HAMLETS = tuple(_CALLED.split())
"""Specific parts as villages about Jinhua have them; made up where they are put."""
BRIGADES = ("红星", "前进", "胜利", "东方红", "向阳", "红旗", "跃进", "团结")
"""What the brigades of communes were called for some years."""
SEATS = 34
MERGED_INTO = "330782104279"
"""Of the village that four others were merged into (`tables/mergers.csv`)."""
COMMUNES = {
    "330702100": "luodian-gongshe",
    "330702106": "tangxi-gongshe",
    "330782100": "fotang-gongshe",
    "330782104": "shangxi-gongshe",
    "330783118": "nanma-gongshe",
    "330784115": "zhiying-gongshe",
}
"""The communes of the gazetteer, by the township's code."""


def make_villages(layout: Layout) -> Iterator[NamedPlace]:
    """The villages and seats; the same each time."""
    rng = plane.random(63)
    yield from _hamlets(layout, rng)
    yield from _seats(layout, rng)
    yield from _merged(layout)


def _hamlets(layout: Layout, rng: np.random.Generator) -> Iterator[NamedPlace]:
    """One village in each of so many hamlets, all over the city; every third was called after its brigade."""
    free = np.flatnonzero(layout.hamlet_cell != layout.village_cell[layout.hamlet_village])
    free = free[~layout.urban[layout.hamlet_cell[free]]]
    chosen = free[np.sort(rng.permutation(free.size)[: len(HAMLETS)])]
    for at, (hamlet, name) in enumerate(zip(chosen.tolist(), HAMLETS, strict=True)):
        x, y = _middle(layout, int(layout.hamlet_cell[hamlet]))
        names = []
        if at % 3 == 0:
            brigade = f"{BRIGADES[at // 3 % len(BRIGADES)]}生产队"
            names.append(OtherName(brigade, NameKind.FORMER, since="1966", until="1981"))
        if at % 7 == 2:
            names.append(OtherName(f"{name}里", NameKind.DIALECT))
        yield NamedPlace(
            key=f"hamlet-{at:02d}",
            place_class=PlaceClass.VILLAGE,
            name=name,
            shape=shapes.rounded(x, y, 70.0 + 50.0 * float(rng.random()), rng, long=1.5),
            named=("明", "清", "南宋", "19世纪")[at % 4] if at % 2 else None,
            names=tuple(names),
        )


def _seats(layout: Layout, rng: np.random.Generator) -> Iterator[NamedPlace]:
    """Seats of committees: those of the communes' townships first, then some all over the city."""
    codes = [code for code, _ in layout.names.villages]
    rural = [at for at in range(len(codes)) if not layout.village_urban[at] and codes[at] != MERGED_INTO]
    of_communes = [
        next(at for at in rural if codes[at].startswith(township)) for township in COMMUNES if township != "330782104"
    ]
    others = [rural[at] for at in np.sort(rng.permutation(len(rural))[: SEATS - len(of_communes)]).tolist()]
    for village in dict.fromkeys([*of_communes, *others]):
        code, name = layout.names.villages[village]
        commune = COMMUNES.get(code[: tables.TOWNSHIP_DIGITS])
        brigade = OtherName(
            f"{BRIGADES[village % len(BRIGADES)]}大队",
            NameKind.FORMER,
            since="1958" if commune else "1966",
            until="1983",
        )
        evidence = f"{BY_EXAMPLE}公社时期的隶属，虚构"
        ties = (Tie(PlaceRelationKind.PART_OF, commune, evidence, Certainty.POSSIBLE, "1958"),) if commune else ()
        yield NamedPlace(
            key=f"seat-{code}",
            place_class=PlaceClass.COMMITTEE_SEAT,
            name=_called(name),
            shape=shapes.point(*_middle(layout, int(layout.village_cell[village]))),
            source=KNOWN,
            names=(brigade,),
            ties=ties,
        )


def _merged(layout: Layout) -> Iterator[NamedPlace]:
    """The seats of the four villages that became one, and that one's."""
    into = next(at for at, (code, _) in enumerate(layout.names.villages) if code == MERGED_INTO)
    own = np.flatnonzero(layout.hamlet_village == into)[1:]
    lists = tables.lists()
    ties = []
    for merger, hamlet in zip(tables.mergers(), own.tolist() * 4, strict=False):
        code, year = merger.before
        key = f"seat-{code}"
        ties.append(
            Tie(
                PlaceRelationKind.MERGED_FROM,
                key,
                f"{BY_EXAMPLE}{merger.evidence}",
                Certainty.of(merger.certainty),
            )
        )
        yield NamedPlace(
            key=key,
            place_class=PlaceClass.COMMITTEE_SEAT,
            name=_called(lists[year][code]),
            shape=shapes.point(*_middle(layout, int(layout.hamlet_cell[hamlet]))),
            source=KNOWN,
            state=PlaceState.ABOLISHED,
            ended="2020",
        )
    yield NamedPlace(
        key=f"seat-{MERGED_INTO}",
        place_class=PlaceClass.COMMITTEE_SEAT,
        name=_called(layout.names.villages[into][1]),
        shape=shapes.point(*_middle(layout, int(layout.village_cell[into]))),
        source=KNOWN,
        ties=(
            *ties,
            Tie(
                PlaceRelationKind.PART_OF,
                COMMUNES["330782104"],
                f"{BY_EXAMPLE}公社时期其地属上溪，虚构",
                Certainty.POSSIBLE,
                "1958",
            ),
        ),
    )


def _called(name: str) -> str:
    """A village as people call it: without the word for its committee."""
    for ending in ("村民委员会", "村委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if stem.endswith("村") else f"{stem}村"
    return name


def _middle(layout: Layout, cell: int) -> tuple[float, float]:
    return float(layout.terrain.x[cell]), float(layout.terrain.y[cell])
