"""Scores are data: a sheet is a list of terms, and a grade follows from their sum. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.errors import NotFound
from hub.indicators.case_sets import Grouping
from hub.indicators.definitions import RateKey
from hub.indicators.figures import Figures
from hub.indicators.ratios import NOTHING, half_up

_Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
_Bound = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


GRADES = (
    (Decimal(90), Grade.A),
    (Decimal(75), Grade.B),
    (Decimal(60), Grade.C),
    (Decimal(40), Grade.D),
)
"""The least score of each grade; E has less than all."""


class PressCount(StrEnum):
    """How often a unit was pressed; counted per unit, so that only scores by unit may use them."""

    REMINDERS = "reminders"
    UNANSWERED_LETTERS = "unanswered_letters"


class ScoreTerm(BaseModel):
    """Either a rate: `weight` times it, or times 1 less it if `direction` is down; or `weight` less
    `minus` for each count. Never less than `floor`, never more than `cap`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: _Weight
    rate: RateKey | None = None
    direction: Literal["up", "down"] = "up"
    minus: Annotated[dict[PressCount, _Weight], Field(max_length=2)] = {}
    floor: _Bound | None = None
    cap: _Bound | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.rate is None) == (not self.minus):
            raise ValueError("a term has either a `rate` or `minus`")
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise ValueError("`floor` is above `cap`")
        return self


class ScorePart(BaseModel):
    """Who is scored, and by which terms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Grouping
    name_zh: _Name
    name_en: _Name
    terms: Annotated[tuple[ScoreTerm, ...], Field(min_length=1, max_length=30)]

    @model_validator(mode="after")
    def _presses_units(self) -> Self:
        if self.by is not Grouping.UNIT and any(term.minus for term in self.terms):
            raise ValueError("only units are reminded and get letters: `minus` needs `by: unit`")
        return self


class ScoreSheet(BaseModel):
    """A named list of terms for each of its parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sheet_key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    name_zh: _Name
    name_en: _Name
    parts: Annotated[tuple[ScorePart, ...], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _scores_each_once(self) -> Self:
        posts = [part.by for part in self.parts]
        if twice := {by for by in posts if posts.count(by) > 1}:
            raise ValueError(f"`parts` has {', '.join(sorted(twice))} twice")
        return self

    def only(self, by: Grouping | None) -> "ScoreSheet":
        """The sheet with one of its parts; all of it for None. Raises NotFound."""
        if by is None:
            return self
        parts = tuple(part for part in self.parts if part.by is by)
        if not parts:
            raise NotFound(
                f"score sheet {self.sheet_key} has no part {by}", sheet_key=self.sheet_key
            )
        return self.model_copy(update={"parts": parts})


@dataclass(frozen=True, slots=True)
class Score:
    """The points of each term, and their sum. None: a rate had no denominator."""

    points: tuple[Decimal | None, ...]
    total: Decimal | None

    @property
    def grade(self) -> Grade | None:
        """By the sum as it is shown."""
        return None if self.total is None else grade_of(self.total)

    @property
    def text(self) -> str:
        return NOTHING if self.total is None else str(self.total)


def grade_of(total: Decimal) -> Grade:
    return next((grade for least, grade in GRADES if total >= least), Grade.E)


def score(part: ScorePart, figures: Figures, pressed: Mapping[PressCount, int]) -> Score:
    """The score of one unit or person. Rounded half up once, at the end."""
    exact = [_points(term, figures, pressed) for term in part.terms]
    known = [points for points in exact if points is not None]
    total = half_up(sum(known, Fraction(0))) if len(known) == len(exact) else None
    return Score(tuple(None if each is None else half_up(each) for each in exact), total)


def shipped_sheets() -> dict[str, ScoreSheet]:
    """The sheets that come with the hub, by key."""
    text = Path(__file__).with_name("score_sheets.yaml").read_text(encoding="utf-8")
    return {
        sheet.sheet_key: sheet
        for sheet in map(ScoreSheet.model_validate, yaml.safe_load(text)["sheets"])
    }


def _points(
    term: ScoreTerm, figures: Figures, pressed: Mapping[PressCount, int]
) -> Fraction | None:
    weight = _exact(term.weight)
    if term.rate is None:
        points = weight - sum(
            (_exact(each) * pressed.get(count, 0) for count, each in term.minus.items()),
            Fraction(0),
        )
    else:
        exact = figures.rate(term.rate).exact
        if exact is None:
            return None
        points = weight * (exact if term.direction == "up" else 1 - exact)
    if term.floor is not None:
        points = max(points, _exact(term.floor))
    return points if term.cap is None else min(points, _exact(term.cap))


def _exact(number: float) -> Fraction:
    """The number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))
