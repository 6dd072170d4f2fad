"""What is asked of the indicators, and the names of what figures are set apart by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db import Connection
from hub.errors import InvalidInput
from hub.indicators import counting, store
from hub.indicators.case_sets import WITHOUT, CaseSet, Grouping, UnitTree, unit_tree
from hub.indicators.definitions import SatisfactionBase
from hub.indicators.figures import Figures
from hub.indicators.periods import Period

_SOURCES = {
    "": ("系统", "System"),
    "camera": ("摄像头", "Camera"),
    "terminal": ("巡护终端", "Terminal"),
    "sensor": ("传感器", "Sensor"),
    "hotline": ("热线", "Hotline"),
    "app": ("群众上报", "App"),
    "operator": ("座席录入", "By hand"),
}
_SEVERITIES = {"low": ("低", "Low"), "mid": ("中", "Medium"), "high": ("高", "High")}
_FEW = 10
_NONE = ("（未确定）", "(none)")


@dataclass(frozen=True, slots=True)
class IndicatorQuestion:
    """What is asked: a period and a set of cases, at an instant."""

    period: Period
    of: CaseSet
    now: datetime
    satisfaction: SatisfactionBase


async def check_known(db: Connection, of: CaseSet) -> None:
    """Raises InvalidInput for a unit, an item, a source or a severity that doesn't exist."""
    units = (await unit_tree(db)).units if of.unit or of.territory else {}
    items = await store.titles(db, [of.item]) if of.item else {}
    asked = (
        ("unit", of.unit, units),
        ("territory", of.territory, units),
        ("item", of.item, items),
        ("source", of.source, _SOURCES),
        ("severity", of.severity, _SEVERITIES),
    )
    for field, key, known in asked:
        if key not in (None, WITHOUT) and key not in known:
            few = (
                f": it is one of {', '.join(filter(None, known))}" if 0 < len(known) < _FEW else ""
            )
            raise InvalidInput(f"there is no {field} {key}{few}", field=field)


async def figures_of_question(db: Connection, asked: IndicatorQuestion, tree: UnitTree) -> Figures:
    return (await figures_of_periods(db, asked, [asked.period], tree))[0]


async def figures_of_periods(
    db: Connection, asked: IndicatorQuestion, periods: Sequence[Period], tree: UnitTree
) -> list[Figures]:
    """The figures of the same set of cases in other periods."""
    return await counting.figures_of_periods(
        db, periods, asked.of, asked.now, asked.satisfaction, tree
    )


async def figures_apart(
    db: Connection, asked: IndicatorQuestion, by: Grouping, tree: UnitTree
) -> dict[str | None, Figures]:
    return await counting.figures_by(
        db, by, asked.period, asked.of, asked.now, asked.satisfaction, tree
    )


async def names_of(
    db: Connection, by: Grouping, keys: Iterable[str | None], tree: UnitTree
) -> dict[str | None, tuple[str, str]]:
    """The names of what figures are set apart by, in Chinese and English."""
    listed = list(keys)
    known: dict[str, tuple[str, str]] = {}
    match by:
        case Grouping.UNIT | Grouping.TOWNSHIP:
            known = {key: (unit.name_zh, unit.name_en) for key, unit in tree.units.items()}
        case Grouping.ITEM:
            known = await store.titles(db, [key for key in listed if key])
        case Grouping.SOURCE:
            known = _SOURCES
        case Grouping.SEVERITY:
            known = _SEVERITIES
        case Grouping.RECEIVER | Grouping.DISPATCHER | Grouping.SHIFT_LEAD:
            people = await store.people(db)
            known = {key: (people.get(key[5:], key[5:]),) * 2 for key in listed if key}
        case Grouping.REPORTER:
            pass
    return {key: known.get(key or "", (key, key) if key else _NONE) for key in listed}
