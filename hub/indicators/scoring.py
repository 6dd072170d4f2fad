"""Score units and posts of a period, and keep the versions of score sheets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.indicators import questions
from hub.indicators.case_sets import Grouping, unit_tree
from hub.indicators.figures import Figures
from hub.indicators.questions import IndicatorQuestion
from hub.indicators.scores import PressCount, Score, ScorePart, ScoreSheet, score, shipped_sheets
from hub.indicators.sheet_changes import SheetChanges, sheet_changes
from hub.indicators.store import SQL
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

SHIPPED = "system:shipped"


@dataclass(frozen=True, slots=True)
class SheetVersion:
    """A version of a score sheet. `made_at` is None for one that was shipped."""

    sheet: ScoreSheet
    version: int
    made_at: datetime | None
    made_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scored:
    """One unit or person with the score."""

    key: str
    name_zh: str
    name_en: str
    pressed: Mapping[PressCount, int]
    score: Score
    figures: Figures


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What an import changes. `version` is None in a dry run, and if nothing changes."""

    sheet: ScoreSheet
    version: int | None
    changes: SheetChanges

    def text(self) -> str:
        if self.changes.is_empty:
            return "nothing changes"
        lines = ["a new sheet"] if self.changes.is_new else []
        lines += ["other names"] if self.changes.renamed else []
        lines += [each.text() for each in self.changes.terms]
        key, version = self.sheet.sheet_key, self.version
        done = "nothing written" if version is None else f"{key} is version {version} now"
        return "\n".join([*lines, done])


async def sheets(db: Connection) -> list[SheetVersion]:
    """The sheets in force: the newest version of each."""
    found = {key: _shipped(sheet) for key, sheet in shipped_sheets().items()}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["newest_sheets"])
        found |= {row["sheet_key"]: _sheet(row) async for row in cursor}
    return list(found.values())


async def sheet_versions(db: Connection, sheet_key: str) -> list[SheetVersion]:
    """All versions of a sheet, the newest first. Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["sheet_versions"], (sheet_key,))
        found = [_sheet(row) async for row in cursor]
    if shipped := shipped_sheets().get(sheet_key):
        found.append(_shipped(shipped))
    if not found:
        raise NotFound(f"there is no score sheet {sheet_key}", sheet_key=sheet_key)
    return found


async def sheet_version(db: Connection, sheet_key: str, version: int | None) -> SheetVersion:
    """A version of a sheet, by default the one in force. Raises NotFound."""
    for found in await sheet_versions(db, sheet_key):
        if version is None or found.version == version:
            return found
    raise NotFound(f"score sheet {sheet_key} has no version {version}", sheet_key=sheet_key)


async def change_sheet(work: UnitOfWork, sheet: ScoreSheet, reason: str) -> SheetVersion:
    """Make a new version of a sheet, or the first one of a new sheet."""
    known = [each for each in await sheets(work.db) if each.sheet.sheet_key == sheet.sheet_key]
    version = known[0].version + 1 if known else 1
    facts = {
        "sheet_key": sheet.sheet_key,
        "version": version,
        "body": Jsonb(sheet.model_dump(mode="json")),
        "made_at": work.now,
        "made_by": work.actor,
        "reason": reason,
    }
    await work.db.execute(SQL["insert_sheet"], facts)
    work.record(
        NewEntry(
            Subject.INDICATOR,
            f"sheet {sheet.sheet_key}",
            "score_sheet_changed",
            work.actor,
            work.now,
            reason=reason,
            data={"version": version, "sheet": sheet.model_dump(mode="json")},
        )
    )
    return SheetVersion(sheet, version, work.now, work.actor, reason)


async def import_sheet(
    work: UnitOfWork, text: str, reason: str, *, dry_run: bool = False
) -> SheetReport:
    """Put a sheet from YAML in force as a new version, or only compare it with the one in force.

    Raises InvalidInput with every field that is wrong, and without a reason.
    """
    sheet = read_sheet(text)
    known = {each.sheet.sheet_key: each.sheet for each in await sheets(work.db)}
    changes = sheet_changes(known.get(sheet.sheet_key), sheet)
    if dry_run or changes.is_empty:
        return SheetReport(sheet, None, changes)
    if not reason.strip():
        raise InvalidInput("say why the score sheet changes", field="reason")
    made = await change_sheet(work, sheet, reason.strip())
    return SheetReport(sheet, made.version, changes)


def sheet_text(sheet: ScoreSheet) -> str:
    """A sheet as YAML that `read_sheet` reads."""
    facts = sheet.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=110)


def read_sheet(text: str) -> ScoreSheet:
    """A sheet from YAML. Raises InvalidInput with every field that is wrong."""
    try:
        body = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the file is no YAML: {error}", field="file") from error
    several = body.get("sheets") if isinstance(body, dict) else None
    try:
        return ScoreSheet.model_validate(body if several is None else _only(several))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise InvalidInput("the sheet is wrong: " + "; ".join(wrong), field="file") from error


def _only(sheets: object) -> object:
    """The sheet of a list of one."""
    if not isinstance(sheets, list) or len(sheets) != 1:
        raise InvalidInput("the file must have one score sheet; import several one by one")
    return sheets[0]


async def scored(db: Connection, asked: IndicatorQuestion, part: ScorePart) -> list[Scored]:
    """The scores of a part of a sheet, the best first; those without a score last."""
    tree = await unit_tree(db)
    found = await questions.figures_apart(db, asked, part.by, tree)
    pressed: dict[str, dict[PressCount, int]] = {}
    if part.by is Grouping.UNIT:
        pressed = await presses_of(db, asked)
    keys = sorted({key for key in (*found, *pressed) if key})
    names = await questions.names_of(db, part.by, keys, tree)
    nothing = Figures(satisfaction=asked.satisfaction)
    rows = [
        Scored(
            key,
            *names[key],
            pressed.get(key, {}),
            score(part, found.get(key, nothing), pressed.get(key, {})),
            found.get(key, nothing),
        )
        for key in keys
    ]
    return sorted(rows, key=lambda row: (row.score.total is None, -(row.score.total or 0), row.key))


async def presses_of(db: Connection, asked: IndicatorQuestion) -> dict[str, dict[PressCount, int]]:
    """How often each unit was pressed in the period."""
    facts = {"from": asked.period.from_at, "until": asked.period.until_at}
    cursor = await db.execute(SQL["presses"], facts)
    return {
        row[0]: {PressCount.REMINDERS: row[1], PressCount.UNANSWERED_LETTERS: row[2]}
        for row in await cursor.fetchall()
        if row[0] is not None and asked.of.sees_unit(row[0])
    }


def _shipped(sheet: ScoreSheet) -> SheetVersion:
    return SheetVersion(sheet, 1, None, SHIPPED, "")


def _sheet(row: dict[str, Any]) -> SheetVersion:
    return SheetVersion(
        ScoreSheet.model_validate(row["body"]),
        row["version"],
        row["made_at"],
        row["made_by"],
        row["reason"],
    )
