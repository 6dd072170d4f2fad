"""Score sheets and scores as the API shows them."""

from datetime import datetime

from pydantic import BaseModel

from hub.indicators.case_sets import Grouping
from hub.indicators.figure_views import PeriodView
from hub.indicators.scores import Grade, PressCount, ScorePart, ScoreSheet, ScoreTerm
from hub.indicators.scoring import Scored, SheetReport, SheetVersion, sheet_text


class ScoreSheetView(BaseModel):
    """A version of a score sheet; `made_at` is null for one that came with the hub.

    `text` is the sheet as YAML, to be changed and imported as the next version.
    """

    sheet: ScoreSheet
    version: int
    made_at: datetime | None
    made_by: str
    reason: str
    text: str

    @classmethod
    def of(cls, found: SheetVersion) -> "ScoreSheetView":
        return cls(
            sheet=found.sheet,
            version=found.version,
            made_at=found.made_at,
            made_by=found.made_by,
            reason=found.reason,
            text=sheet_text(found.sheet),
        )


class TermChangeView(BaseModel):
    """A term that is new, gone or different."""

    by: Grouping
    before: ScoreTerm | None
    after: ScoreTerm | None


class SheetImported(BaseModel):
    """What an import changes. `version` is null if nothing was written; `renamed`: the names differ."""

    sheet_key: str
    version: int | None
    is_new: bool
    renamed: bool
    terms: list[TermChangeView]

    @classmethod
    def of(cls, report: SheetReport) -> "SheetImported":
        changes = report.changes
        return cls(
            sheet_key=report.sheet.sheet_key,
            version=report.version,
            is_new=changes.is_new,
            renamed=changes.renamed,
            terms=[
                TermChangeView(by=each.by, before=each.before, after=each.after)
                for each in changes.terms
            ],
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
