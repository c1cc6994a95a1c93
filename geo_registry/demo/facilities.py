"""Made-up facilities of every kind: where there would be such, as large as such are, and missing where they are missed.

Plains and towns are served, mountain townships are short of care: that is what the demonstration shows. Every name
says that it is an example. No figure is a norm or a count of Jinhua's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

import numpy as np

from geo_registry.demo import plane
from geo_registry.demo.boundaries import county_of_town
from geo_registry.demo.edges import MARK
from geo_registry.demo.layout import Layout
from geo_registry.demo.people import MOUNTAIN_M, People
from geo_registry.demo.plane import Longs
from geo_registry.vocabulary import (
    CareOwnership,
    CemeteryOwnership,
    DivisionLevel,
    FacilityKind,
    FacilityStatus,
)

LAST_DAY = date(2026, 6, 30)
"""No made-up date lies later, but the closing of what is to close."""
OFFSET_M = 55.0
"""How far a facility lies from where people live, along either axis, at most."""
MEAL_MODES = ("机构供餐", "社区食堂", "中央厨房配送", "餐饮企业助餐", "线上点餐送餐", "老少共餐")
CARE_SERVICES = ("助餐", "助浴", "助洁", "日间托养", "康复指导", "文化娱乐", "上门巡访")
FUNERAL_SERVICES = ("遗体接运", "遗体存放", "告别", "火化", "骨灰寄存", "生态安葬咨询")
ASSISTANCE_SERVICES = ("救助申请受理", "走访探视", "转介服务", "物资帮扶", "心理疏导")
REHABILITATION_SERVICES = ("日间照料", "辅助性就业", "康复训练", "社会适应训练")
SOCIAL_WORK_SERVICES = ("个案服务", "小组活动", "困境儿童关爱", "志愿者培育")
THEMES = ("认知症照护", "医养结合", "康养旅居", "乡村互助")
BURIALS = ("墓葬", "树葬", "花葬", "草坪葬", "壁葬")
STEMS = ("街道", "畲族镇", "镇", "乡")
VILLAGE_STEMS = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "村民委员会", "村委会")

Detail = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One made-up facility; the position in metres of the plane."""

    source_id: str
    kind: FacilityKind
    name: str
    village: int
    address: str
    x: float
    y: float
    opened_on: date
    status: FacilityStatus = FacilityStatus.OPEN
    closed_on: date | None = None
    confirmed_on: date | None = None
    capacity: int | None = None
    detail: Detail = field(default_factory=dict)


def make_facilities(layout: Layout, people: People) -> tuple[MadeUp, ...]:
    """The facilities; the same each time."""
    maker = _Maker(layout, people)
    for make in (
        _care_institutions,
        _home_care_centres,
        _meal_points,
        _cemeteries,
        _columbaria,
        _of_counties,
        _children,
        _help_points,
    ):
        make(maker)
    return tuple(maker.made)


class _Maker:
    """What the kinds' makers share: the land, chance, and how a facility is named and placed."""

    def __init__(self, layout: Layout, people: People) -> None:
        self.layout = layout
        self.rng = plane.random(51)
        self.made: list[MadeUp] = []
        self._numbers = count(1)
        self.county_of_town: Longs = county_of_town(layout)
        self.town_names = [_stem(name, STEMS) for _, name in layout.names.townships]
        self.county_names = [name[:-1] for _, name in layout.names.counties]
        terrain = layout.terrain
        # The height of its villages, not of its centre: a township is in the mountains when its people are.
        village_height = terrain.height_m[layout.village_cell].astype(np.float64)
        villages = np.maximum(np.bincount(layout.village_town, minlength=layout.town_cell.size), 1)
        height = np.bincount(layout.village_town, weights=village_height, minlength=layout.town_cell.size) / villages
        self.in_mountains = height >= MOUNTAIN_M
        self.village_in_mountains = village_height >= MOUNTAIN_M
        everyone, elders = people.group("all"), people.group("60+")
        size = layout.village_cell.size
        self.everyone = np.bincount(people.village, weights=everyone, minlength=size).astype(np.float64)
        self.elders = np.bincount(people.village, weights=elders, minlength=size).astype(np.float64)
        # Where in a village a facility lies: its points with the most people first.
        order = np.lexsort((-everyone, people.village))
        self._points = np.split(order, np.searchsorted(people.village[order], np.arange(1, size)))
        self._x, self._y = people.x, people.y
        self.centre_of_town = [self._centre(town) for town in range(layout.town_cell.size)]
        self.seat_of_county = [self._seat(county) for county in range(len(self.county_names))]

    def _centre(self, town: int) -> int:
        """The village at a township's centre."""
        own = np.flatnonzero(self.layout.village_town == town)
        cell, terrain = self.layout.village_cell[own], self.layout.terrain
        away = (terrain.x[cell] - self.layout.town_x[town]) ** 2 + (terrain.y[cell] - self.layout.town_y[town]) ** 2
        return int(own[np.argmin(away)])

    def _seat(self, county: int) -> int:
        """The village at a county's seat: the centre of its most populous township."""
        by_town = np.bincount(self.layout.village_town, weights=self.everyone, minlength=self.layout.town_cell.size)
        towns = np.flatnonzero(self.county_of_town == county)
        return self.centre_of_town[int(towns[np.argmax(by_town[towns])])]

    def chance(self, share: float) -> bool:
        """True as often as a share says."""
        return bool(self.rng.random() < share)

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends possible."""
        return int(self.rng.integers(least, most + 1))

    def one_of(self, *words: str) -> str:
        """One of several."""
        return words[int(self.rng.integers(len(words)))]

    def some_of(self, words: tuple[str, ...], least: int = 2) -> list[str]:
        """At least so many of several, in their order."""
        number = self.between(least, len(words))
        return [words[at] for at in sorted(self.rng.permutation(len(words))[:number].tolist())]

    def town(self, village: int) -> int:
        """A village's township."""
        return int(self.layout.village_town[village])

    def village_name(self, village: int) -> str:
        """A village's own name, without the word for its committee."""
        return _stem(self.layout.names.villages[village][1], VILLAGE_STEMS)

    def day(self, first: int, last: int) -> date:
        """A day of the years from `first` to `last`."""
        return min(date(first, 1, 1) + timedelta(days=self.between(0, 365 * (last - first + 1) - 1)), LAST_DAY)

    def add(
        self,
        kind: FacilityKind,
        village: int,
        called: str,
        *,
        opened: tuple[int, int] = (2012, 2025),
        capacity: int | None = None,
        at: tuple[float, float] | None = None,
        settled: bool = False,
        detail: Detail | None = None,
        **more: object,
    ) -> None:
        """One more, called `called` and marked as an example; one that is `settled` is open."""
        points = self._points[village]
        point = int(points[min(self.between(0, 2), points.size - 1)])
        off = (self.rng.random(2) * 2 - 1) * OFFSET_M
        x, y = at or (float(self._x[point] + off[0]), float(self._y[point] + off[1]))
        opened_on = self.day(*opened)
        status, closed_on = FacilityStatus.OPEN, None
        drawn = 1.0 if settled else float(self.rng.random())
        if drawn < 0.012:
            status, closed_on = (
                FacilityStatus.CLOSED,
                min(opened_on + timedelta(days=self.between(400, 2500)), LAST_DAY),
            )
        elif drawn < 0.022:
            status = FacilityStatus.SUSPENDED
        elif drawn < 0.034:
            status, opened_on = self._coming()
        town = self.town(village)
        county = self.layout.names.counties[int(self.county_of_town[town])][1]
        self.made.append(
            MadeUp(
                source_id=f"demo-{next(self._numbers):05d}",
                kind=kind,
                name=f"{called}{MARK}",
                village=village,
                address=f"{county}{self.layout.names.townships[town][1]}{self.village_name(village)}{MARK}",
                x=x,
                y=y,
                opened_on=opened_on,
                status=status,
                closed_on=closed_on,
                confirmed_on=self.day(2025, 2026) if self.chance(0.7) else None,
                capacity=capacity,
                detail={key: value for key, value in {**(detail or {}), **more}.items() if value is not None},
            )
        )

    def _coming(self) -> tuple[FacilityStatus, date]:
        if self.chance(0.5):
            return FacilityStatus.PLANNED, LAST_DAY + timedelta(days=self.between(200, 700))
        return FacilityStatus.BUILDING, LAST_DAY + timedelta(days=self.between(30, 400))

    def hillside(self, village: int) -> tuple[float, float]:
        """A place above a village, where its land rises and nobody lives: metres of the plane."""
        terrain, middle = self.layout.terrain, int(self.layout.village_cell[village])
        own = np.flatnonzero(self.layout.village_of_cell == village)
        own = own[~self.layout.urban[own] & ~terrain.river[own]]
        if own.size == 0:
            own = np.array([middle])
        away = np.sqrt((terrain.x[own] - terrain.x[middle]) ** 2 + (terrain.y[own] - terrain.y[middle]) ** 2)
        fit = np.minimum(terrain.slope[own], 14) * 30 - np.abs(away - 500)
        cell = int(own[np.argmax(fit)])
        off = (self.rng.random(2) * 2 - 1) * OFFSET_M
        return float(terrain.x[cell] + off[0]), float(terrain.y[cell] + off[1])

    def towns(self) -> Iterator[tuple[int, int, str]]:
        """Every township, the village at its centre, and its name."""
        for town, name in enumerate(self.town_names):
            yield town, self.centre_of_town[town], name

    def counties(self) -> Iterator[tuple[int, int, str]]:
        """Every county, the village at its seat, and its name."""
        for county, name in enumerate(self.county_names):
            yield county, self.seat_of_county[county], name


def _stem(name: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def _care_institution(
    maker: _Maker, village: int, name: str, *, tier: DivisionLevel, beds: int, owner: CareOwnership
) -> None:
    nursing = beds * maker.between(40, 85) // 100
    maker.add(
        FacilityKind.CARE_INSTITUTION,
        village,
        name,
        opened=(1998, 2025),
        tier=tier.value,
        beds=beds,
        nursing_beds=nursing,
        dementia_beds=nursing // maker.between(4, 9) if maker.chance(0.35) else None,
        occupied=beds * maker.between(22, 88) // 100,
        grade=maker.one_of("一级", "二级", "二级", "三级", "三级", "四级") if maker.chance(0.75) else None,
        ownership=owner.value,
        medical_partner=f"{maker.town_names[maker.town(village)]}卫生院{MARK}" if maker.chance(0.6) else None,
        theme=maker.one_of(*THEMES) if maker.chance(0.3) else None,
    )


def _care_institutions(maker: _Maker) -> None:
    for _, seat, name in maker.counties():
        beds = maker.between(240, 520)
        _care_institution(
            maker, seat, f"{name}社会福利中心", tier=DivisionLevel.COUNTY, beds=beds, owner=CareOwnership.PUBLIC
        )
    for town, centre, name in maker.towns():
        if maker.chance(0.22 if maker.in_mountains[town] else 0.72):
            owner = CareOwnership.PUBLIC_PRIVATELY_RUN if maker.chance(0.55) else CareOwnership.PUBLIC
            beds = maker.between(24, 60) if maker.in_mountains[town] else maker.between(60, 220)
            _care_institution(maker, centre, f"{name}敬老院", tier=DivisionLevel.TOWNSHIP, beds=beds, owner=owner)
    for village in np.flatnonzero(maker.layout.village_urban).tolist():
        if maker.chance(0.14):
            name = f"{maker.village_name(village)}颐养院"
            beds = maker.between(30, 160)
            _care_institution(maker, village, name, tier=DivisionLevel.VILLAGE, beds=beds, owner=CareOwnership.PRIVATE)


def _home_care_centre(maker: _Maker, village: int, name: str, tier: DivisionLevel, places: int) -> None:
    maker.add(
        FacilityKind.HOME_CARE_CENTRE,
        village,
        name,
        opened=(2014, 2026),
        tier=tier.value,
        embedded=tier is DivisionLevel.VILLAGE and bool(maker.layout.village_urban[village]),
        mutual_aid=not maker.layout.village_urban[village] and maker.chance(0.4),
        day_places=places,
        services=maker.some_of(CARE_SERVICES),
    )


def _home_care_centres(maker: _Maker) -> None:
    for town, centre, name in maker.towns():
        if maker.chance(0.42 if maker.in_mountains[town] else 0.96):
            places = maker.between(8, 18) if maker.in_mountains[town] else maker.between(20, 60)
            _home_care_centre(maker, centre, f"{name}示范型居家养老服务中心", DivisionLevel.TOWNSHIP, places)
    for village, urban in enumerate(maker.layout.village_urban.tolist()):
        elders = maker.elders[village]
        share = 0.78 if urban else (0.1 if maker.village_in_mountains[village] else min(elders / 260.0, 0.68))
        if maker.chance(share):
            name = f"{maker.village_name(village)}居家养老服务照料中心"
            _home_care_centre(maker, village, name, DivisionLevel.VILLAGE, maker.between(4, 16))


def _meal_points(maker: _Maker) -> None:
    for village, urban in enumerate(maker.layout.village_urban.tolist()):
        share = 0.6 if urban else (0.03 if maker.village_in_mountains[village] else 0.2)
        if maker.chance(share):
            maker.add(
                FacilityKind.MEAL_POINT,
                village,
                f"{maker.village_name(village)}老年助餐点",
                opened=(2018, 2026),
                meal_modes=maker.some_of(MEAL_MODES, least=1)[:3],
                meals_a_day=maker.between(15, 60) if not urban else maker.between(40, 260),
                delivers=maker.chance(0.55),
            )


def _cemetery(
    maker: _Maker, village: int, name: str, *, owner: CemeteryOwnership, graves: int, used_share: tuple[int, int]
) -> None:
    used = graves * maker.between(*used_share) // 100
    ecological = maker.chance(0.45)
    green = graves * maker.between(8, 30) // 100 if ecological else 0
    kinds = dict.fromkeys(maker.some_of(BURIALS[1:], least=1), 0) if green else {}
    burials = {BURIALS[0]: graves - green, **dict.fromkeys(kinds, green // max(len(kinds), 1))}
    maker.add(
        FacilityKind.CEMETERY,
        village,
        name,
        opened=(1992, 2021),
        at=maker.hillside(village),
        settled=True,
        ownership=owner.value,
        ecological=ecological,
        graves=graves,
        used=used,
        used_a_year=max(used * maker.between(3, 6) // 100, 1),
        burial_places=burials,
    )


def _cemeteries(maker: _Maker) -> None:
    for county, seat, name in maker.counties():
        own = np.flatnonzero(maker.county_of_town[maker.layout.village_town] == county)
        hills = maker.layout.terrain.slope[maker.layout.village_cell[own]]
        terrain, middle = maker.layout.terrain, maker.layout.village_cell[seat]
        cell = maker.layout.village_cell[own]
        away = np.sqrt((terrain.x[cell] - terrain.x[middle]) ** 2 + (terrain.y[cell] - terrain.y[middle]) ** 2)
        village = int(own[np.argmin(np.abs(away - 9_000) - 250.0 * np.minimum(hills, 15))])
        # The county before the last is about to run out: what a reserve is for.
        nearly_full = county == len(maker.county_names) - 2
        graves = maker.between(14_000, 42_000)
        share = (97, 98) if nearly_full else (38, 82)
        _cemetery(maker, village, f"{name}陵园", owner=CemeteryOwnership.COMMERCIAL, graves=graves, used_share=share)
    for town, _, name in maker.towns():
        if maker.chance(0.62):
            own = np.flatnonzero((maker.layout.village_town == town) & ~maker.layout.village_urban)
            if own.size:
                village = int(own[maker.between(0, own.size - 1)])
                graves = maker.between(900, 5_200)
                _cemetery(
                    maker,
                    village,
                    f"{name}生态公墓",
                    owner=CemeteryOwnership.PUBLIC_BENEFIT,
                    graves=graves,
                    used_share=(25, 88),
                )
    for village in np.flatnonzero(~maker.layout.village_urban).tolist():
        if maker.chance(0.05):
            name = f"{maker.village_name(village)}公益性墓地"
            _cemetery(
                maker,
                village,
                name,
                owner=CemeteryOwnership.VILLAGE,
                graves=maker.between(80, 620),
                used_share=(20, 95),
            )


def _columbaria(maker: _Maker) -> None:
    for _, centre, name in maker.towns():
        if maker.chance(0.24):
            niches = maker.between(400, 6_000)
            used = niches * maker.between(10, 76) // 100
            maker.add(
                FacilityKind.COLUMBARIUM,
                centre,
                f"{name}骨灰堂",
                opened=(1999, 2024),
                at=maker.hillside(centre),
                niches=niches,
                used=used,
                used_a_year=max(used * maker.between(3, 8) // 100, 1),
            )


def _of_counties(maker: _Maker) -> None:
    for county, seat, name in maker.counties():
        people = float(maker.everyone[maker.county_of_town[maker.layout.village_town] == county].sum())
        if county != 1:
            # The second district shares its neighbour's.
            maker.add(
                FacilityKind.FUNERAL_HOME,
                seat,
                f"{name}殡仪馆",
                opened=(1985, 2012),
                at=maker.hillside(_outskirts(maker, seat)),
                settled=True,
                services=list(FUNERAL_SERVICES),
                free_items=list(FUNERAL_SERVICES[:5]) if maker.chance(0.6) else list(FUNERAL_SERVICES[:4]),
                cremations_a_year=int(people * maker.between(60, 84) / 10_000),
            )
        maker.add(
            FacilityKind.MARRIAGE_HALL,
            seat,
            f"{name}婚姻登记处",
            opened=(2004, 2024),
            settled=True,
            grade=maker.one_of("3A", "4A", "5A"),
            park_style=maker.chance(0.4),
            ceremony_ground=maker.chance(0.5),
            counselling=maker.chance(0.8),
            registrars=max(3, round(people / 130_000)),
            couples_a_day=maker.between(18, 60),
            archive_digitised=maker.chance(0.85),
        )
        area = float(maker.between(300, 1_800))
        maker.add(
            FacilityKind.INCUBATOR, seat, f"{name}社会组织服务中心", area_m2=area, services=["孵化培育", "能力建设"]
        )
        if maker.chance(0.8):
            places = maker.between(12, 60)
            kind = FacilityKind.RESCUE_STATION
            maker.add(
                kind,
                seat,
                f"{name}救助管理站",
                settled=True,
                places=places,
                services=["临时食宿", "返乡救助", "寻亲服务"],
            )
        maker.add(
            FacilityKind.ASSISTANCE_STATION,
            seat,
            f"{name}社会救助联合体",
            opened=(2020, 2025),
            settled=True,
            places=maker.between(10, 40),
            services=list(ASSISTANCE_SERVICES),
        )


def _outskirts(maker: _Maker, seat: int) -> int:
    """A village of the same county about six kilometres from its seat."""
    terrain, layout = maker.layout.terrain, maker.layout
    same = maker.county_of_town[layout.village_town] == maker.county_of_town[maker.town(seat)]
    own = np.flatnonzero(same & ~layout.village_urban)
    cell, middle = layout.village_cell[own], layout.village_cell[seat]
    away = np.sqrt((terrain.x[cell] - terrain.x[middle]) ** 2 + (terrain.y[cell] - terrain.y[middle]) ** 2)
    return int(own[np.argmin(np.abs(away - 6_000))])


def _children(maker: _Maker) -> None:
    for county, seat, name in maker.counties():
        places = maker.between(10, 40)
        maker.add(
            FacilityKind.CHILD_PROTECTION_CENTRE,
            seat,
            f"{name}未成年人救助保护中心",
            opened=(2019, 2024),
            settled=True,
            places=places,
            area_m2=float(places * maker.between(18, 30)),
            staff=maker.between(5, 16),
        )
        if county % 3 == 0:
            maker.add(
                FacilityKind.CHILD_WELFARE_HOME,
                seat,
                f"{name}儿童福利院",
                opened=(1996, 2015),
                settled=True,
                places=maker.between(40, 160),
                area_m2=float(maker.between(1_500, 7_000)),
                staff=maker.between(14, 60),
            )
    for town, centre, name in maker.towns():
        if maker.chance(0.86 if maker.in_mountains[town] else 0.97):
            maker.add(
                FacilityKind.CHILD_PROTECTION_STATION,
                centre,
                f"{name}未成年人保护工作站",
                opened=(2021, 2025),
                settled=True,
                places=maker.between(4, 20),
                area_m2=float(maker.between(24, 120)),
                staff=maker.between(1, 4),
            )


def _visitors(maker: _Maker, kind: FacilityKind) -> int | None:
    """The visitors a day of a kind whose capacity they are; None for the others."""
    by_visitors = {FacilityKind.CHARITY_SHOP, FacilityKind.SOCIAL_WORK_STATION}
    return maker.between(10, 120) if kind in by_visitors else None


def _help_points(maker: _Maker) -> None:
    kinds: tuple[tuple[FacilityKind, str, float, float, Callable[[], dict[str, object]]], ...] = (
        (
            FacilityKind.ASSISTANCE_STATION,
            "社会救助联合体",
            0.45,
            0.15,
            lambda: {"places": maker.between(4, 16), "services": maker.some_of(ASSISTANCE_SERVICES)},
        ),
        (
            FacilityKind.REHABILITATION_POINT,
            "残疾人之家",
            0.9,
            0.5,
            lambda: {"places": maker.between(12, 48), "services": maker.some_of(REHABILITATION_SERVICES)},
        ),
        (
            FacilityKind.CHARITY_SHOP,
            "慈善超市",
            0.6,
            0.2,
            lambda: {
                "area_m2": float(maker.between(25, 220)),
                "services": ["爱心义卖", "物资发放"],
            },
        ),
        (
            FacilityKind.SOCIAL_WORK_STATION,
            "社会工作站",
            1.0,
            0.92,
            lambda: {
                "area_m2": float(maker.between(40, 260)),
                "services": maker.some_of(SOCIAL_WORK_SERVICES),
            },
        ),
    )
    for kind, word, share, share_in_mountains, detail in kinds:
        for town, centre, name in maker.towns():
            if maker.chance(share_in_mountains if maker.in_mountains[town] else share):
                maker.add(
                    kind, centre, f"{name}{word}", opened=(2017, 2025), capacity=_visitors(maker, kind), detail=detail()
                )
