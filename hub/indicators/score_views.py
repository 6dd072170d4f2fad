"""Score sheets and scores as the API shows them."""

from datetime import datetime

from pydantic import BaseModel

from hub.indicators.figure_views import PeriodView
from hub.indicators.scores import Grade, PressCount, ScorePart, ScoreSheet
from hub.indicators.scoring import Scored, SheetVersion


class ScoreSheetView(BaseModel):
    """A version of a score sheet; `made_at` is null for one that came with the hub."""

    sheet: ScoreSheet
    version: int
    made_at: datetime | None
    made_by: str
    reason: str

    @classmethod
    def of(cls, found: SheetVersion) -> "ScoreSheetView":
        return cls(
            sheet=found.sheet,
            version=found.version,
            made_at=found.made_at,
            made_by=found.made_by,
            reason=found.reason,
        )


class ScoreSheetList(BaseModel):
    items: list[ScoreSheetView]


class ScoredView(BaseModel):
    """One unit or person; a term is null, and the score a dash, if its rate had no denominator."""

    key: str
    name_zh: str
    name_en: str
    points: list[str | None]
    total: str | None
    text: str
    grade: Grade | None
    pressed: dict[PressCount, int]

    @classmethod
    def of(cls, row: Scored) -> "ScoredView":
        return cls(
            key=row.key,
            name_zh=row.name_zh,
            name_en=row.name_en,
            points=[None if points is None else str(points) for points in row.score.points],
            total=None if row.score.total is None else str(row.score.total),
            text=row.score.text,
            grade=row.score.grade,
            pressed=dict(row.pressed),
        )


class ScoredPart(BaseModel):
    part: ScorePart
    rows: list[ScoredView]


class ScoresView(BaseModel):
    """The scores of a period by one version of a sheet."""

    period: PeriodView
    sheet_key: str
    version: int
    parts: list[ScoredPart]
