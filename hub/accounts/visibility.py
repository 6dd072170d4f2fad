"""What an account sees: one rule, here and in SQL (`case_is_visible`). A test compares them."""

from collections.abc import Collection
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
    if scope.units is None or case.lead_unit in scope.units:
        return True
    if any(unit in scope.units for unit in case.assist_units):
        return True
    if case.state == "JOINT_STUDY" and any(unit in scope.units for unit in case.invited_units):
        return True
    return case.territory_unit in scope.territories or case.place_unit in scope.territories
