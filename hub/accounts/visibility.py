"""What an account sees: one rule, here and in SQL (`case_is_visible`). A test compares them."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Protocol

from hub.accounts.scope import Scope


class PlacedCase(Protocol):
    """The columns of a case that decide who sees it. `place_unit` is the territory around its place."""

    @property
    def lead_unit(self) -> str | None: ...
    @property
    def assist_units(self) -> Collection[str]: ...
    @property
    def territory_unit(self) -> str | None: ...
    @property
    def place_unit(self) -> str | None: ...
    @property
    def state(self) -> str | None: ...
    @property
    def invited_units(self) -> Collection[str]: ...


def case_is_visible(case: PlacedCase, scope: Scope) -> bool:
    """Whether a scope contains a case: by a unit that leads or assists in it, or by its place.

    Units that are invited to a joint study see the case while the study runs. A unit
    that has returned a case sees it no more.
    """
    units = {case.lead_unit, *case.assist_units}
    if case.state == "JOINT_STUDY":
        units |= set(case.invited_units)
    return is_within(scope, units, {case.territory_unit, case.place_unit})


def is_within(
    scope: Scope, units: AbstractSet[str | None], places: AbstractSet[str | None]
) -> bool:
    """Whether a scope contains what belongs to the units and lies in the territories `places`."""
    if scope.units is None:
        return True
    return not (units.isdisjoint(scope.units) and places.isdisjoint(scope.territories))
