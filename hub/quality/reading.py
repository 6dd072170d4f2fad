"""The board of AI quality: verdicts by camera, class and model, and what is held back."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import add
from typing import TypeAlias

from psycopg.rows import dict_row

from hub import catalogue
from hub.accounts.store import names_of
from hub.catalogue import DetectorMatch, Severity
from hub.clock import local_date
from hub.db import Connection
from hub.journal import Entry, Subject, entries_of
from hub.quality.commands import POLICY_CHANGED
from hub.quality.policy import MonitorMode
from hub.quality.precision import VerdictCounts
from hub.quality.store import SQL, policies, present_modes
from hub.quality.views import (
    MonitorModeView,
    PolicyChangeView,
    PolicyFieldChange,
    PrecisionView,
    QualityBoard,
    QualityRow,
    WouldHave,
)


class QualityGroup(StrEnum):
    """What the rows of the board are counted by."""

    CAMERA = "camera"
    CLASS = "class"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class QualityPeriod:
    """The detections that came from `since` to before `until`, of one camera or class if given."""

    since: datetime
    until: datetime
    camera_id: str | None = None
    label: str | None = None


_Key: TypeAlias = tuple[str | None, str | None, str | None, str | None]
"""Camera, class, and a model's name and version."""


async def quality_board(
    db: Connection, period: QualityPeriod, by: Collection[QualityGroup]
) -> QualityBoard:
    """The verdicts of a period, counted by camera, class and model, or by some of these."""
    counts = await _counts(db, period, by)
    names = await _camera_names(db)
    least = {policy.severity: policy.least_precision for policy in await policies(db)}
    modes, today = await present_modes(db), local_date(period.until)
    rows = []
    for (camera_id, label, model_name, model_version), verdicts in counts.items():
        match = None if label is None else await catalogue.by_detector(db, label, today)
        name_zh, name_en = names.get(camera_id or "", (None, None))
        mode = _mode_of(modes, camera_id, label)
        rows.append(
            QualityRow.of(
                verdicts,
                camera_id=camera_id,
                camera_name_zh=name_zh or None,
                camera_name_en=name_en or None,
                label=label,
                **_titles(match),
                model_name=model_name,
                model_version=model_version,
                least_precision=None if match is None else least[match.condition.severity],
                monitored=None if mode is None else mode.reason,
            )
        )
    total = reduce(add, counts.values(), VerdictCounts())
    return QualityBoard(
        since=period.since, until=period.until, rows=rows, total=PrecisionView.of(total)
    )


async def mode_views(db: Connection) -> list[MonitorModeView]:
    """The cameras and classes that only monitor, with what automation would have done since."""
    would: defaultdict[int, list[WouldHave]] = defaultdict(list)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["would_have"])
        for row in await cursor.fetchall():
            would[row.pop("monitor_mode_id")].append(WouldHave(**row))
    modes = await present_modes(db)
    names = await names_of(db, {mode.set_by.removeprefix("user:") for mode in modes})
    return [
        MonitorModeView(
            **{name: value for name, value in asdict(mode).items() if name != "monitor_mode_id"},
            set_by_name=names.get(mode.set_by.removeprefix("user:")),
            would=would[mode.monitor_mode_id],
        )
        for mode in modes
    ]


async def _counts(
    db: Connection, period: QualityPeriod, by: Collection[QualityGroup]
) -> dict[_Key, VerdictCounts]:
    counts: defaultdict[_Key, VerdictCounts] = defaultdict(VerdictCounts)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["quality"], asdict(period))
        for row in await cursor.fetchall():
            of_model = QualityGroup.MODEL in by
            key = (
                row["camera_id"] if QualityGroup.CAMERA in by else None,
                row["label"] if QualityGroup.CLASS in by else None,
                row["model_name"] if of_model else None,
                row["model_version"] if of_model else None,
            )
            figures = ("signals", "right", "wrong", "other")
            counts[key] += VerdictCounts(**{name: row[name] for name in figures})
    return counts


async def _camera_names(db: Connection) -> dict[str, tuple[str, str]]:
    cursor = await db.execute(SQL["camera_names"])
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


def _mode_of(
    modes: list[MonitorMode], camera_id: str | None, label: str | None
) -> MonitorMode | None:
    """The mode that holds back all that a row counts."""
    for mode in modes:
        if mode.camera_id in (None, camera_id) and mode.label in (None, label):
            return mode
    return None


def _titles(match: DetectorMatch | None) -> dict[str, str | None]:
    if match is None:
        return {"title_zh": None, "title_en": None}
    item, condition = match.item, match.condition
    return {
        "title_zh": f"{item.title_zh} · {condition.text_zh}",
        "title_en": f"{item.title_en} · {condition.text_en}",
    }


async def policy_changes(db: Connection) -> list[PolicyChangeView]:
    """Every change of a policy, the newest first."""
    entries = [
        entry
        for severity in Severity
        for entry in await entries_of(db, Subject.MONITOR_MODE, str(severity))
        if entry.kind == POLICY_CHANGED
    ]
    names = await names_of(db, {entry.actor.removeprefix("user:") for entry in entries})
    newest_first = sorted(entries, key=lambda entry: -entry.journal_id)
    return [
        _policy_change(entry, names.get(entry.actor.removeprefix("user:")))
        for entry in newest_first
    ]


def _policy_change(entry: Entry, name: str | None) -> PolicyChangeView:
    changed = entry.data["changed"]
    assert isinstance(changed, dict)
    fields = []
    for key, values in changed.items():
        assert isinstance(values, list)
        facts = {"field": key, "before": values[0], "after": values[1]}
        fields.append(PolicyFieldChange.model_validate(facts))
    return PolicyChangeView(
        at=entry.at,
        actor=entry.actor,
        actor_name=name,
        severity=Severity(entry.subject_id),
        changed=fields,
        reason=entry.reason,
    )
