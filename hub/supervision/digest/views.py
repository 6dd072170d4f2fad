"""The digest of a day: its parts, as they are kept and shown."""

from datetime import date, datetime

from pydantic import BaseModel

from hub.catalogue import Severity


class DigestCase(BaseModel):
    case_id: int
    case_no: str
    severity: Severity
    title_zh: str | None
    title_en: str | None
    unit_zh: str | None
    unit_en: str | None
    at: datetime


class DigestCases(BaseModel):
    """`items` are the gravest; `total` counts all."""

    total: int
    items: list[DigestCase]


class TownshipRow(BaseModel):
    """A township's day beside the counts of others; None where none were imported."""

    unit_key: str
    name_zh: str
    name_en: str
    new: int
    closed: int
    overdue_open: int
    police_calls: int | None
    petitions: int | None


class CategoryCount(BaseModel):
    source: str
    category: str
    count: int


class WeakFigure(BaseModel):
    """A figure that makes a unit weak: `value` of `of`, from `threshold` on."""

    figure: str
    value: int
    of: int | None
    threshold: str


class WeakUnit(BaseModel):
    unit_key: str
    name_zh: str
    name_en: str
    because: list[WeakFigure]


class HotSpot(BaseModel):
    """Cases near one another within a short time; `spread_m` from their middle."""

    lon: float
    lat: float
    spread_m: float
    cases: int
    first_at: datetime
    last_at: datetime
    case_nos: list[str]
    titles_zh: list[str]
    titles_en: list[str]
    township_zh: str | None
    township_en: str | None


class PatrolCoverage(BaseModel):
    """Villages that a terminal stayed in for a while, and some of those that none did."""

    villages: int
    visited: int
    unvisited_zh: list[str]
    unvisited_en: list[str]


class AwayDevice(BaseModel):
    """A terminal or camera that was offline, for `minutes` of the day in all."""

    device_id: str
    kind: str
    name_zh: str
    name_en: str
    minutes: int
    still: bool


class LeftOut(BaseModel):
    """What the digest lacks, in words."""

    code: str
    text_zh: str
    text_en: str


class DigestView(BaseModel):
    """A local day; `final` if it was made after its end, and is kept."""

    day: date
    made_at: datetime
    final: bool
    new: DigestCases
    closed: DigestCases
    overdue: DigestCases
    open_cases: int
    overdue_open: int
    townships: list[TownshipRow]
    outside: list[CategoryCount]
    weak_units: list[WeakUnit]
    hot_spots: list[HotSpot]
    coverage: PatrolCoverage
    cameras_away: list[AwayDevice]
    terminals_away: list[AwayDevice]
    left_out: list[LeftOut]
