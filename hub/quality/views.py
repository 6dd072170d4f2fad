"""AI quality as the console reads it."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from hub.catalogue import Severity
from hub.quality.precision import VerdictCounts


class PrecisionView(BaseModel):
    """Verdicts of people. `precision` is right / (right + wrong), null while nobody has said anything.

    `low` and `high` are the ends of Wilson's 95 % interval. `missing` detections have no verdict yet;
    `other` ones were nothing for a case, whether they were true or not.
    """

    signals: int
    right: int
    wrong: int
    other: int
    missing: int
    precision: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, counts: VerdictCounts, **more: object) -> Self:
        interval = counts.interval
        figures = {
            "signals": counts.signals,
            "right": counts.right,
            "wrong": counts.wrong,
            "other": counts.other,
            "missing": counts.missing,
            "precision": counts.precision,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
        }
        return cls.model_validate(figures | more)


class QualityRow(PrecisionView):
    """The quality of a camera, a class, a model, or a combination of them; null where all are counted.

    `least_precision` is that of the class's policy. `monitored`: why it only monitors, if it does.
    """

    camera_id: str | None
    camera_name_zh: str | None
    camera_name_en: str | None
    label: str | None
    title_zh: str | None
    title_en: str | None
    model_name: str | None
    model_version: str | None
    least_precision: float | None
    monitored: str | None


class QualityBoard(BaseModel):
    """The rows of a period, and all of them together."""

    since: datetime
    until: datetime
    rows: list[QualityRow]
    total: PrecisionView


class WouldHave(BaseModel):
    """How often automation would have done something, and how often people called it right or wrong."""

    action: str
    signals: int
    right: int
    wrong: int


class MonitorModeView(BaseModel):
    """A camera and class that only monitor; null stands for every one. `set_by` is a person or the system."""

    camera_id: str | None
    label: str | None
    set_at: datetime
    set_by: str
    set_by_name: str | None
    reason: str
    would: list[WouldHave]


class MonitorModeList(BaseModel):
    items: list[MonitorModeView]


class FilingPolicyView(BaseModel):
    """For one severity: whether detections become cases by themselves, and how right a camera must be."""

    severity: Severity
    automatic: bool
    least_precision: float
    least_verdicts: int


class FilingPolicyList(BaseModel):
    items: list[FilingPolicyView]


class PolicyFieldChange(BaseModel):
    """A field of a policy, as it was and as it is since."""

    field: str
    before: bool | int | float
    after: bool | int | float


class PolicyChangeView(BaseModel):
    """A change of the policy of a severity. `reason` is null for changes of before reasons were asked for."""

    at: datetime
    actor: str
    actor_name: str | None
    severity: Severity
    changed: list[PolicyFieldChange]
    reason: str | None


class PolicyHistory(BaseModel):
    items: list[PolicyChangeView]
