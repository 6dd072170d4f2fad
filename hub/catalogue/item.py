"""The items of the catalogue: what can be wrong, who is responsible, and the deadlines. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.catalogue.ruling import Ruling
from hub.deadlines.limits import Limit, LimitType, Policy
from hub.geo.territories import TerritoryLevel

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
LimitValue = Annotated[float, Field(gt=0, le=3660)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class ItemKind(StrEnum):
    COMPONENT = "component"
    EVENT = "event"
    DISPUTE = "dispute"
    HAZARD = "hazard"
    SERVICE = "service"


class RoutingMode(StrEnum):
    """By one department, or by the territory together with the competent departments."""

    DIRECT = "direct"
    JOINT = "joint"


class OwnerRule(StrEnum):
    """The place where routing looks for the responsible unit first."""

    ASSET_OWNER = "asset_owner"
    TERRITORY = "territory"
    FIXED = "fixed"
    STUDY = "study"


class Severity(StrEnum):
    """Ordered by `rank`; the highest is the most severe."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StandardCode(_Part):
    """A code in an edition of a standard; data, never a key."""

    edition: Line
    code: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,16}$")]
    verified: Annotated[str, Field(pattern=r"^(community-verified|unverified|local)$")]


class DetectorRule(_Part):
    """A model's class that shows the condition: `min_hits` within `window_s` confirm it."""

    label: Annotated[str, Field(alias="class", pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.4
    min_hits: Annotated[int, Field(ge=1, le=1000)] = 2
    window_s: Annotated[float, Field(gt=0, le=86400)] = 3600

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class LimitStep(_Part):
    """One step of a staged limit: it has its own limit, and begins by the state of the site."""

    step_key: Slug
    text_zh: Line
    text_en: Line
    limit_type: LimitType
    limit_value: LimitValue
    policy: Policy = Policy.ACCUMULATE
    limit_note: Line | None = None
    close_condition: Line | None = None

    @model_validator(mode="after")
    def _limit_has_a_meaning(self) -> Self:
        Limit(self.limit_type, self.limit_value, self.policy)
        return self

    @property
    def limit(self) -> Limit:
        return Limit(self.limit_type, self.limit_value, self.policy)


class Condition(_Part):
    """One fault of an item. It has either a limit of its own or steps with a limit each.

    `limit_note` are words that qualify the limit, such as a season. `close_condition` is what the unit
    must reach before the case is closed. `evidence_required` names what a case must be filed with; an
    empty list asks for no photo.

    The system passes a repair that the model sees in every photo, with a score of at least `pass_score`, or
    if the cameras that saw the fault have seen it cleared (`pass_cleared`). Without either a person passes
    it, and always at high severity.
    """

    cond_key: Slug
    text_zh: Line
    text_en: Line
    severity: Severity = Severity.MID
    limit_type: LimitType | None = None
    limit_value: LimitValue | None = None
    policy: Policy = Policy.ACCUMULATE
    limit_note: Line | None = None
    steps: tuple[LimitStep, ...] = ()
    close_condition: Line | None = None
    evidence_required: tuple[Slug, ...] = ("photo",)
    detectors: tuple[DetectorRule, ...] = ()
    pass_score: Annotated[float, Field(ge=0.5, le=1)] | None = None
    pass_cleared: bool = False

    @model_validator(mode="after")
    def _passes_nothing_grave(self) -> Self:
        if self.severity is Severity.HIGH and self.has_pass_policy:
            raise ValueError(
                "a person passes repairs of high severity: leave out pass_score and pass_cleared"
            )
        return self

    @model_validator(mode="after")
    def _has_one_kind_of_limit(self) -> Self:
        own = (self.limit_type, self.limit_value)
        if self.steps and own != (None, None):
            raise ValueError("a condition with steps has no limit of its own: limit_type")
        if repeated := _repeated([step.step_key for step in self.steps]):
            raise ValueError(f"step {repeated} occurs twice")
        missing = [name for name in ("limit_type", "limit_value") if getattr(self, name) is None]
        if missing and not self.steps:
            raise ValueError(f"{' and '.join(missing)} is missing, and there are no steps")
        Limit(self.limit.type, self.limit.value, self.limit.policy)
        return self

    @property
    def has_pass_policy(self) -> bool:
        """Whether the system may pass a repair."""
        return self.pass_score is not None or self.pass_cleared

    @property
    def limit(self) -> Limit:
        """The limit, or that of the first step."""
        if self.steps:
            return self.steps[0].limit
        assert self.limit_type is not None
        assert self.limit_value is not None
        return Limit(self.limit_type, self.limit_value, self.policy)


class Dedup(_Part):
    """Sightings within the radius (plus both error radii) and the window are of the same thing."""

    radius_m: Annotated[float, Field(gt=0, le=1000)] = 10
    window_h: Annotated[float, Field(gt=0, le=8784)] = 72


class CatalogueItem(_Part):
    """One thing of the responsibility list. `item_key` is stable over all versions."""

    item_key: Slug
    title_zh: Line
    title_en: Line
    kind: ItemKind
    std_codes: tuple[StandardCode, ...] = ()
    routing_mode: RoutingMode = RoutingMode.DIRECT
    lead_unit: Slug | None = None
    assist_units: tuple[Slug, ...] = ()
    territory_level: TerritoryLevel = TerritoryLevel.VILLAGE
    owner_rule: OwnerRule
    asset_types: tuple[Slug, ...] = ()
    legal_basis: Line | None = None
    dedup: Dedup = Dedup()
    verify_before_filing: bool = False
    callback_required: bool = False
    points: Annotated[int, Field(ge=0, le=1000)] = 1
    effective_from: date | None = None
    effective_to: date | None = None
    approved_by: Line | None = None
    rulings: tuple[Ruling, ...] = ()
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if repeated := _repeated([condition.cond_key for condition in self.conditions]):
            raise ValueError(f"condition {repeated} occurs twice")
        if self.owner_rule is OwnerRule.ASSET_OWNER and not self.asset_types:
            raise ValueError("owner_rule asset_owner needs asset_types")
        if self.owner_rule is OwnerRule.FIXED and self.lead_unit is None:
            raise ValueError("owner_rule fixed needs a lead_unit")
        first, last = self.effective_from, self.effective_to
        if first is not None and last is not None and first > last:
            raise ValueError(f"effective_from {first} is after effective_to {last}")
        return self

    def in_force(self, day: date) -> bool:
        """Whether the item applies on a local day; `effective_to` is its last day."""
        return self.out_of_force(day) is None

    def out_of_force(self, day: date) -> str | None:
        """Why the item doesn't apply on a local day, or None if it does."""
        if self.effective_from is not None and day < self.effective_from:
            return f"{self.item_key} comes into force on {self.effective_from}"
        if self.effective_to is not None and day > self.effective_to:
            return f"{self.item_key} is out of force since {self.effective_to + timedelta(days=1)}"
        return None

    def condition(self, cond_key: str) -> Condition | None:
        return next((each for each in self.conditions if each.cond_key == cond_key), None)


def wrong_fields(
    error: ValidationError, *, only_own: bool = False
) -> list[tuple[tuple[int | str, ...], str]]:
    """What is wrong with an item's body: the place of each field, and the reason.

    That a list is too short is left out where it is so because its entries are wrong. With `only_own`
    the fields that are missing, or don't fit others, are left out.
    """
    found = error.errors(include_url=False, include_input=False)
    lists = {each["loc"][:1] for each in found if len(each["loc"]) > 1}
    return [
        (each["loc"], str(each["msg"]).removeprefix("Value error, "))
        for each in found
        if (each["type"] != "too_short" or each["loc"] not in lists)
        and not (only_own and each["type"] in ("missing", "value_error", "too_short"))
    ]


def _repeated(keys: Sequence[str]) -> str | None:
    return next((key for number, key in enumerate(keys) if key in keys[:number]), None)
