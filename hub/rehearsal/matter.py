"""What people report in an ordinary district, and how often. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class PhotoKind(StrEnum):
    """Which photos of the folder show the matter; NONE: nobody photographs it."""

    COVER = "cover"
    STREET = "street"
    NONE = "none"


class Way(StrEnum):
    """How a matter comes to the centre."""

    CAMERA = "camera"
    TERMINAL = "terminal"
    SEAT = "seat"
    WORDS = "words"
    """By a terminal whose holder names no item."""


@dataclass(frozen=True, slots=True)
class DailyMatter:
    """One fault of an item of the catalogue. `asset_types`: it is found at such an asset.

    `ways` are the ways in which it comes in, each with its weight; `label` is what a camera calls it.
    """

    weight: float
    item_key: str
    cond_key: str
    words: tuple[str, ...]
    photos: PhotoKind
    ways: dict[Way, float]
    asset_types: tuple[str, ...] = ()
    label: str | None = None


_COVERS = ("manhole_sewage", "manhole_rain", "manhole_water", "manhole_power", "manhole_telecom")
_SEEN = {Way.CAMERA: 4.0, Way.TERMINAL: 5.0, Way.SEAT: 1.0}
_REPORTED = {Way.TERMINAL: 7.0, Way.SEAT: 3.0}
_CALLED = {Way.SEAT: 1.0}

MATTERS = (
    DailyMatter(
        10, "manhole_cover", "broken", ("井盖破损严重，边缘已塌", "井盖碎裂，车辆避让"),
        PhotoKind.COVER, _SEEN, _COVERS, "manhole_broken",
    ),
    DailyMatter(
        4, "manhole_cover", "missing_or_hazard", ("井盖缺失，请尽快围挡", "井口敞开，行人危险"),
        PhotoKind.COVER, _SEEN, _COVERS, "manhole_open",
    ),
    DailyMatter(
        4, "manhole_cover", "rattling", ("井盖松动，过车异响", "夜间异响扰民"),
        PhotoKind.COVER, _REPORTED, _COVERS,
    ),
    DailyMatter(
        8, "exposed_garbage", "exposed", ("路边垃圾暴露，有异味", "垃圾桶旁散落大量垃圾袋"),
        PhotoKind.STREET, _SEEN, label="garbage",
    ),
    DailyMatter(
        6, "road_pothole", "pothole", ("路面坑槽约半米", "车道有坑，雨天积水"),
        PhotoKind.STREET, _SEEN, label="pothole",
    ),
    DailyMatter(4, "dirty_road", "dirty", ("渣土车抛洒，路面脏污",), PhotoKind.STREET, _REPORTED),
    DailyMatter(
        4, "bin_overflow", "overflowing", ("垃圾箱满溢", "果皮箱已满，地面散落"),
        PhotoKind.STREET, _REPORTED, ("bin",),
    ),
    DailyMatter(
        4, "streetlight", "dark", ("路灯不亮，连续三盏", "夜间无照明"),
        PhotoKind.STREET, _REPORTED, ("streetlight",),
    ),
    DailyMatter(3, "street_stall", "stall", ("占道经营影响通行",), PhotoKind.STREET, _REPORTED),
    DailyMatter(3, "illegal_parking", "blocking", ("车辆堵住消防通道",), PhotoKind.STREET, _REPORTED),
    DailyMatter(3, "hanging_wires", "low", ("线缆下垂，离地约两米",), PhotoKind.STREET, _REPORTED),
    DailyMatter(2, "illegal_advert", "pasted", ("墙面张贴小广告",), PhotoKind.STREET, _REPORTED),
    DailyMatter(2, "stray_dog", "stray", ("流浪犬聚集，学生不敢通过",), PhotoKind.STREET, _REPORTED),
    DailyMatter(1, "flooding", "standing", ("路口积水约二十厘米",), PhotoKind.STREET, _REPORTED),
    DailyMatter(
        3, "neighbour_dispute", "dispute", ("邻里因漏水争执不下", "楼上噪声引发纠纷"),
        PhotoKind.NONE, _CALLED,
    ),
    DailyMatter(2, "wage_arrears", "arrears", ("工程款未付，拖欠工资",), PhotoKind.NONE, _CALLED),
    DailyMatter(2, "person_in_need", "need", ("独居老人行动不便，请求帮助",), PhotoKind.NONE, _CALLED),
    DailyMatter(1, "property_dispute", "dispute", ("业主与物业因收费争执",), PhotoKind.NONE, _CALLED),
    DailyMatter(1, "land_dispute", "dispute", ("两户因宅基地边界争执",), PhotoKind.NONE, _CALLED),
    DailyMatter(2, "construction_noise", "night", ("夜间施工噪声扰民",), PhotoKind.NONE, _CALLED),
)  # fmt: skip


def draw_matter(rng: Random, matters: tuple[DailyMatter, ...] = MATTERS) -> DailyMatter:
    """A matter, by its weight."""
    return rng.choices(matters, [each.weight for each in matters])[0]


def draw_way(rng: Random, matter: DailyMatter) -> Way:
    """A way in, by its weight."""
    return rng.choices(list(matter.ways), list(matter.ways.values()))[0]
