"""Rulings of joint studies in the catalogue: the question that each answers, and its answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.geo.distance import distance_m
from hub.geo.place import Spot

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
MAX_ERROR_M = 50.0
"""A greater error radius of a place counts as this one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RulingPlace(_Part):
    """The place that a ruling is about. A place within the radius, plus its error radius, is the same."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    radius_m: Annotated[float, Field(gt=0, le=5000)]


class RulingScope(_Part):
    """The question: all that is given must agree; with nothing given, the item wherever it is.

    `territory` is a unit that contains the place. `asset_type` is the kind of the asset that is meant.
    """

    cond_key: Word | None = None
    asset_type: Word | None = None
    territory: Word | None = None
    place: RulingPlace | None = None


class Ruling(_Part):
    """The answer: who leads and assists, on what basis, and the study that decided it.

    `over_register` also beats a registered owner, for a study that found the register to be wrong.
    """

    ruling_no: Annotated[int, Field(ge=1)]
    scope: RulingScope
    lead_unit: Word
    assist_units: tuple[Word, ...] = ()
    basis: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
    case_no: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    decided_on: date
    over_register: bool = False


@dataclass(frozen=True, slots=True)
class RoutingQuestion:
    """What is to be decided: a condition at a place, the asset kind that is meant, the territories around."""

    cond_key: str | None
    spot: Spot
    asset_type: str | None
    territories: tuple[str, ...]
    """The units whose territory contains the place, the smallest first."""


def matching(rulings: Sequence[Ruling], question: RoutingQuestion) -> Iterator[Ruling]:
    """The rulings that answer the question: the most specific first, then the newest."""
    found = [each for each in rulings if _answers(each.scope, question)]
    yield from sorted(found, key=lambda each: (*_generality(each.scope, question), -each.ruling_no))


def with_ruling(rulings: Sequence[Ruling], new: Ruling) -> tuple[Ruling, ...]:
    """The rulings with a new one, which takes the place of an earlier one on the same question."""
    return (*(each for each in rulings if not same_question(each, new)), new)


def same_question(one: Ruling, other: Ruling) -> bool:
    return one.scope == other.scope and one.over_register == other.over_register


def _answers(scope: RulingScope, question: RoutingQuestion) -> bool:
    return (
        scope.cond_key in (None, question.cond_key)
        and scope.asset_type in (None, question.asset_type)
        and (scope.territory is None or scope.territory in question.territories)
        and (scope.place is None or _is_there(scope.place, question.spot))
    )


def _is_there(place: RulingPlace, spot: Spot) -> bool:
    reach = place.radius_m + min(spot.error_m, MAX_ERROR_M)
    return distance_m(place.lon, place.lat, spot.lon, spot.lat) <= reach


def _generality(scope: RulingScope, question: RoutingQuestion) -> tuple[float, ...]:
    """Less is more specific: a place before a kind before a territory, one condition before all."""
    place, spot = scope.place, question.spot
    return (
        place is None,
        0.0 if place is None else distance_m(place.lon, place.lat, spot.lon, spot.lat),
        scope.asset_type is None,
        scope.territory is None,
        0 if scope.territory is None else question.territories.index(scope.territory),
        scope.cond_key is None,
    )


def scope_in_words(scope: RulingScope, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """The question in Chinese and in English; `names` are those of the units."""
    zh, en = [], []
    if scope.place is not None:
        zh.append(f"距裁定地点 {scope.place.radius_m:.0f} 米内")
        en.append(f"within {scope.place.radius_m:.0f} m of the place ruled on")
    if scope.territory is not None:
        name_zh, name_en = names.get(scope.territory, (scope.territory, scope.territory))
        zh.append(f"{name_zh}辖区内")
        en.append(f"in {name_en}")
    if scope.asset_type is not None:
        zh.append(f"部件类型 {scope.asset_type}")
        en.append(f"for assets of type {scope.asset_type}")
    return "、".join(zh) or "全区", ", ".join(en) or "in the whole district"
