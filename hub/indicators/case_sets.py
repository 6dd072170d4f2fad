"""Which cases are counted, and by what figures are set apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.db import Connection, load_queries

SQL = load_queries(__file__)

WITHOUT = "-"
"""As a filter: those that have none."""


class Grouping(StrEnum):
    """By what figures are set apart."""

    UNIT = "unit"
    TOWNSHIP = "township"
    ITEM = "item"
    SOURCE = "source"
    SEVERITY = "severity"
    REPORTER = "reporter"
    """The device that reported first."""
    RECEIVER = "receiver"
    """The person who filed."""
    DISPATCHER = "dispatcher"
    """The person who routed."""
    SHIFT_LEAD = "shift_lead"
    """The person who accepted the repair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSet:
    """The cases that are counted: any combination; None asks for no particular one.

    `territory` is a territory with all below it. `scope` is that of the account that asks.
    """

    unit: str | None = None
    territory: str | None = None
    item: str | None = None
    source: str | None = None
    severity: str | None = None
    reporter: str | None = None
    receiver: str | None = None
    dispatcher: str | None = None
    shift_lead: str | None = None
    scope: Scope = WHOLE_DISTRICT

    def facts(self, tree: "UnitTree") -> dict[str, Any]:
        """The set as SQL reads it; an empty text asks for those that have none."""
        asked = {
            "unit": self.unit,
            "item": self.item,
            "source": self.source,
            "severity": self.severity,
            "reporter": self.reporter,
            "receiver": self.receiver,
            "dispatcher": self.dispatcher,
            "shift_lead": self.shift_lead,
        }
        return {
            **{name: "" if value == WITHOUT else value for name, value in asked.items()},
            "territories": self._territories(tree),
            **self.scope.facts,
        }

    def _territories(self, tree: "UnitTree") -> list[str] | None:
        if self.territory is None:
            return None
        if self.territory == WITHOUT:
            return ["", *(key for key in tree.units if tree.township_of(key) is None)]
        return tree.below(self.territory)

    def sees_unit(self, unit: str) -> bool:
        """Whether what concerns a unit as such, besides its cases, is part of the set."""
        units = self.scope.units
        return (units is None or unit in units) and self.unit in (None, unit)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of the registry."""

    unit_key: str
    kind: str
    level: str | None
    parent: str | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class UnitTree:
    """All units, to find who lies below whom."""

    units: Mapping[str, UnitFacts]

    def below(self, top: str) -> list[str]:
        """A unit with all below it."""
        return [key for key in self.units if top in self._line(key)] or [top]

    def township_of(self, key: str | None) -> str | None:
        """The township of a territory; None for what lies in none."""
        levels = ((each, self.units[each].level) for each in self._line(key))
        return next((each for each, level in levels if level == "township"), None)

    def _line(self, key: str | None) -> list[str]:
        """A unit and all above it."""
        line: list[str] = []
        while key is not None and key in self.units and key not in line:
            line.append(key)
            key = self.units[key].parent
        return line


async def unit_tree(db: Connection) -> UnitTree:
    async with db.cursor(row_factory=class_row(UnitFacts)) as cursor:
        await cursor.execute(SQL["units"])
        return UnitTree({unit.unit_key: unit async for unit in cursor})
