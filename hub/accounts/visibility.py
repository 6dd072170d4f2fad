"""Which cases an account sees: one rule, here and in SQL (`case_is_visible`). A test compares them."""

from collections.abc import Collection


def case_is_visible(lead_unit: str | None, assist_units: Collection[str], unit: str | None) -> bool:
    """Whether a unit sees a case: it leads or assists in it. `unit` None sees the whole district.

    A unit that has returned a case sees it no more.
    """
    return unit is None or unit == lead_unit or unit in assist_units
