"""The scope of an account: the district, a territory with all below it, or a unit."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class ScopeKind(StrEnum):
    DISTRICT = "district"
    """Everything."""
    TERRITORY = "territory"
    """What is in a territory or in one below it, and what their units lead or assist in."""
    UNIT = "unit"
    """What a unit leads or assists in."""


class Scope(BaseModel):
    """`territories` are those of a territorial scope: the one that `unit_key` names and all below it."""

    model_config = ConfigDict(frozen=True)

    kind: ScopeKind = ScopeKind.DISTRICT
    unit_key: str | None = None
    territories: tuple[str, ...] = ()

    @classmethod
    def of_unit(cls, unit_key: str) -> Self:
        return cls(kind=ScopeKind.UNIT, unit_key=unit_key)

    @classmethod
    def of_territory(cls, unit_key: str, *below: str) -> Self:
        return cls(kind=ScopeKind.TERRITORY, unit_key=unit_key, territories=(unit_key, *below))

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `district`, `territory:KEY` or `unit:KEY`, as `str` writes it. Raises ValueError.

        The territories below are not known here.
        """
        kind, _, key = text.partition(":")
        if kind not in set(ScopeKind) or (kind == ScopeKind.DISTRICT) is not (key == ""):
            raise ValueError("a scope is district, territory:KEY or unit:KEY")
        if kind == ScopeKind.TERRITORY:
            return cls.of_territory(key)
        return cls.of_unit(key) if kind == ScopeKind.UNIT else cls()

    def __str__(self) -> str:
        return str(self.kind) if self.unit_key is None else f"{self.kind}:{self.unit_key}"

    @property
    def units(self) -> tuple[str, ...] | None:
        """The units whose cases are seen; None for the whole district."""
        match self.kind:
            case ScopeKind.DISTRICT:
                return None
            case ScopeKind.TERRITORY:
                return self.territories
            case ScopeKind.UNIT:
                return () if self.unit_key is None else (self.unit_key,)

    @property
    def facts(self) -> dict[str, list[str] | None]:
        """For SQL: `case_is_visible(c, %(scope_units)s, %(scope_territories)s)`."""
        units = self.units
        return {
            "scope_units": None if units is None else list(units),
            "scope_territories": list(self.territories),
        }


WHOLE_DISTRICT = Scope()
