"""Published figures as the API shows them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from hub.indicators.case_sets import Grouping, UnitTree
from hub.indicators.definitions import Count, RateKey, SatisfactionBase
from hub.indicators.figure_views import FiguresView, RateView
from hub.indicators.figures import Figures
from hub.indicators.publishing import PublicationState, PublishedVersion


class PublicationView(BaseModel):
    """A published version of a period: frozen at `published_at`, with what happened until `as_of`."""

    publication_id: int
    period: str
    version: int
    state: PublicationState
    as_of: datetime
    published_at: datetime
    published_by: str
    note: str
    counts: dict[Count, int]
    rates: dict[RateKey, RateView]

    @classmethod
    def of(cls, found: PublishedVersion, satisfaction: SatisfactionBase) -> "PublicationView":
        return cls(**_published(found, satisfaction))


class ChangedCount(BaseModel):
    count: Count
    before: int
    after: int


class ChangedRate(BaseModel):
    rate: RateKey
    before: str
    after: str


class ChangedUnit(BaseModel):
    unit: str
    counts: list[ChangedCount]


class ChangedCase(BaseModel):
    """A case, or a signal, that counts otherwise than in the version before."""

    case_no: str | None
    case_id: int | None
    signal_id: int | None
    gained: list[Count]
    lost: list[Count]
    unit_before: str | None
    unit_after: str | None


class PublicationChanges(BaseModel):
    """What a version changed of the one before. `more_cases` are not named."""

    counts: list[ChangedCount]
    rates: list[ChangedRate]
    units: list[ChangedUnit]
    cases: list[ChangedCase]
    more_cases: int


class PublishedFigures(BaseModel):
    """The published figures of a unit or township; `key` null for those that have none."""

    key: str | None
    name_zh: str
    name_en: str
    figures: FiguresView


class PublicationDetail(PublicationView):
    units: list[PublishedFigures]
    townships: list[PublishedFigures]
    changes: PublicationChanges

    @classmethod
    def of_tree(
        cls, found: PublishedVersion, satisfaction: SatisfactionBase, tree: UnitTree
    ) -> "PublicationDetail":
        return cls(
            **_published(found, satisfaction),
            units=_published_apart(found, Grouping.UNIT, satisfaction, tree),
            townships=_published_apart(found, Grouping.TOWNSHIP, satisfaction, tree),
            changes=PublicationChanges.model_validate(found.changes),
        )


class PublicationList(BaseModel):
    items: list[PublicationView]


class PublishedMark(BaseModel):
    """That a period was published, and whether its figures have changed since."""

    publication_id: int
    version: int
    published_at: datetime
    published_by: str
    differs: bool


def published_mark(found: PublishedVersion | None, now: Figures) -> PublishedMark | None:
    """The mark of a period's newest version beside its present figures."""
    if found is None:
        return None
    return PublishedMark(
        publication_id=found.publication_id,
        version=found.version,
        published_at=found.published_at,
        published_by=found.published_by,
        differs=any(found.total.get(count, 0) != now[count] for count in Count),
    )


def _published(found: PublishedVersion, satisfaction: SatisfactionBase) -> dict[str, Any]:
    figures = FiguresView.of(Figures(found.total, satisfaction))
    return {
        "publication_id": found.publication_id,
        "period": found.period,
        "version": found.version,
        "state": found.state,
        "as_of": found.as_of,
        "published_at": found.published_at,
        "published_by": found.published_by,
        "note": found.note,
        "counts": figures.counts,
        "rates": figures.rates,
    }


def _published_apart(
    found: PublishedVersion, by: Grouping, satisfaction: SatisfactionBase, tree: UnitTree
) -> list[PublishedFigures]:
    listed = []
    for key, counts in sorted(found.apart(by).items(), key=lambda each: -each[1].get(Count.DUE, 0)):
        unit = tree.units.get(key)
        listed.append(
            PublishedFigures(
                key=key or None,
                name_zh=key if unit is None else unit.name_zh,
                name_en=key if unit is None else unit.name_en,
                figures=FiguresView.of(Figures(counts, satisfaction)),
            )
        )
    return listed
