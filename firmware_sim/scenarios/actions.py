"""Actions of a scenario or of the control port."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from scenes import CoverState


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChangeCover(_Action):
    """A cover breaks, goes missing, or is whole again."""

    do: Literal["change_cover"] = "change_cover"
    asset_id: str
    state: CoverState


class Report(_Action):
    """A holder walks up to a cover, photographs it and reports it."""

    do: Literal["report"] = "report"
    device_id: str
    asset_id: str
    category: str = "manhole_cover"
    condition: str = "broken"
    text: str = "井盖破损严重，存在安全隐患"


class Sos(_Action):
    do: Literal["sos"] = "sos"
    device_id: str
    text: str = "紧急求助"


class CheckIn(_Action):
    do: Literal["check_in"] = "check_in"
    device_id: str


class Fall(_Action):
    do: Literal["fall"] = "fall"
    device_id: str


class LowBattery(_Action):
    do: Literal["low_battery"] = "low_battery"
    device_id: str


class LoseLine(_Action):
    """A terminal or camera is cut off for a while; a terminal keeps recording."""

    do: Literal["lose_line"] = "lose_line"
    device_id: str
    for_s: Annotated[float, Field(gt=0, le=86_400)]


class Play(_Action):
    """Play a scenario from its start, as if the simulation had just begun."""

    do: Literal["play"] = "play"
    scenario: str


Action = Annotated[
    ChangeCover | Report | Sos | CheckIn | Fall | LowBattery | LoseLine | Play,
    Field(discriminator="do"),
]
ACTION: TypeAdapter[Action] = TypeAdapter(Action)
