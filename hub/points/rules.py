"""What grid workers earn, as versioned data. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Points = Annotated[int, Field(ge=0, le=10_000)]
Penalty = Annotated[int, Field(ge=-10_000, le=0)]


class PointsRules(BaseModel):
    """A valid report earns the points of its item, `first_reporter` more if it opened the case.

    `verification` is for each verification done, `invalid` is taken for a report that was rejected, by
    its reason. Nobody earns more than `day_cap` in a day and `month_cap` in a month. The rest says
    what looks like gaming: so many reports within metres and days, photos that differ in so few bits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_reporter: Points = 1
    verification: Points = 1
    invalid: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Penalty] = {
        "false_positive": -2,
        "out_of_scope": -1,
    }
    day_cap: Points = 20
    month_cap: Points = 300
    same_place_count: Annotated[int, Field(ge=2, le=100)] = 4
    same_place_m: Annotated[float, Field(gt=0, le=1000)] = 30
    same_place_days: Annotated[int, Field(ge=1, le=92)] = 7
    alike_bits: Annotated[int, Field(ge=0, le=16)] = 4


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """The rules from a local day on."""

    version: int
    effective_from: date
    rules: PointsRules


FIRST_RULES = RulesVersion(0, date.min, PointsRules())
"""Those that apply until a district makes its own."""


def rules_on(versions: list[RulesVersion], day: date) -> RulesVersion:
    """The version in force on a local day."""
    in_force = [each for each in versions if each.effective_from <= day]
    return max(in_force, key=lambda each: each.effective_from, default=FIRST_RULES)
