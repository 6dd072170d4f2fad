"""Put the study of a case together, and list studies and proposals."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from psycopg.rows import class_row, dict_row

from hub import catalogue
from hub.accounts.account import Account, Role
from hub.accounts.store import names_of
from hub.cases import Actor, Case, Event, State, allowed_events
from hub.catalogue import CatalogueItem
from hub.catalogue.routing import RoutingFacts, gather, question_of
from hub.catalogue.ruling import MAX_ERROR_M, Ruling, scope_in_words
from hub.db import Connection
from hub.geo.place import Spot
from hub.journal import Subject, entries_of
from hub.studies.commands import MAY_DECIDE
from hub.studies.store import SQL, names_of_units
from hub.studies.study import ProposalState, StudyRuling, invitation_of, ruling_of
from hub.studies.views import (
    NamedUnitView,
    ProposalView,
    StudyAnswerView,
    StudyQuestionView,
    StudyRulingView,
    StudySummaryView,
    StudyView,
)

Names = Mapping[str, tuple[str, str]]


async def study_of(db: Connection, account: Account, case: Case, now: datetime) -> StudyView:
    """The present study of a case, or the last one, with what the account may do in it."""
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    asked, ruled = invitation_of(entries), ruling_of(entries)
    item = await _item(db, case)
    facts = await gather(db, item, Spot(case.lon, case.lat, case.error_m), now)
    names = {key: (unit.name_zh, unit.name_en) for key, unit in facts.units.items()}
    people = await _people(db, [each.actor for each in (asked, ruled) if each is not None])
    running = case.state is State.JOINT_STUDY
    own = account.unit_key if account.role is Role.UNIT_HANDLER else None
    events = allowed_events(case, Actor.of(account))
    operates = Event.RULE in events
    return StudyView(
        case_id=case.case_id,
        case_no=case.case_no,
        version=case.version,
        running=running,
        opened_at=asked.at if asked else None,
        opened_by=asked.actor if asked else None,
        opened_by_name=people.get(asked.actor) if asked else None,
        reason=asked.reason if asked else None,
        due_at=case.study_due_at,
        overdue=case.study_overdue_at is not None,
        overdue_at=case.study_overdue_at,
        units=_named(case.invited_units, names),
        answers=await _answers(db, case.case_id, asked.at) if asked else [],
        ruling=_ruling_view(ruled, names, people) if ruled else None,
        proposals=await list_proposals(db, case_id=case.case_id),
        question=_question(case, item, facts, names),
        suggested=_named(_suggested(case, item, facts), names),
        may_answer=running and (operates or own in case.invited_units),
        may_answer_as=own if running and own in case.invited_units else None,
        may_rule=operates,
        may_decide=account.role in MAY_DECIDE,
    )


async def list_studies(
    db: Connection, account: Account, *, running: bool | None, limit: int
) -> list[StudySummaryView]:
    """The studies that the account may see: those that run first, the next to be due before others."""
    wanted = account.scope.facts | {"running": running, "limit": limit}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["studies"], wanted)
        rows = await cursor.fetchall()
    names = await names_of_units(db, sorted({key for row in rows for key in row["units"]}))
    return [StudySummaryView(**row | {"units": _named(row["units"], names)}) for row in rows]


async def list_proposals(
    db: Connection,
    *,
    case_id: int | None = None,
    state: ProposalState | None = None,
    limit: int = 100,
) -> list[ProposalView]:
    """Proposals, those that wait first."""
    async with db.cursor(row_factory=dict_row) as cursor:
        wanted = {"case_id": case_id, "state": state, "limit": limit}
        await cursor.execute(SQL["proposals"], wanted)
        rows = await cursor.fetchall()
    rulings = [Ruling.model_validate(row["ruling"]) for row in rows]
    keys = {key for each in rulings for key in _units_in(each)}
    names = await names_of_units(db, sorted(keys))
    version = await catalogue.newest_version(db)
    known = {} if version is None else {i.item_key: i for i in await catalogue.items(db, version)}
    return [
        ProposalView(
            **row
            | _in_words(ruling, names, known.get(row["item_key"]))
            | {
                "ruling": ruling,
                "lead": _named([ruling.lead_unit], names)[0],
                "assist": _named(ruling.assist_units, names),
            }
        )
        for row, ruling in zip(rows, rulings, strict=True)
    ]


async def _item(db: Connection, case: Case) -> CatalogueItem:
    """The item as the newest version has it, since that is what a ruling will change."""
    newest = await catalogue.find_item(db, await catalogue.current_version(db), case.item_key)
    return newest or await catalogue.item(db, case.catalogue_version, case.item_key)


async def _answers(db: Connection, case_id: int, since: datetime) -> list[StudyAnswerView]:
    async with db.cursor(row_factory=class_row(StudyAnswerView)) as cursor:
        await cursor.execute(SQL["answers"], (case_id, since))
        return await cursor.fetchall()


async def _people(db: Connection, actors: Iterable[str]) -> dict[str, str]:
    """The names of accounts, by actor."""
    names = await names_of(db, {each.removeprefix("user:") for each in actors})
    return {f"user:{username}": name for username, name in names.items()}


def _ruling_view(ruled: StudyRuling, names: Names, people: Mapping[str, str]) -> StudyRulingView:
    return StudyRulingView(
        ruled_at=ruled.at,
        ruled_by=ruled.actor,
        ruled_by_name=people.get(ruled.actor),
        lead=_named([ruled.lead_unit], names)[0],
        assist=_named(ruled.assist_units, names),
        minutes=ruled.minutes,
        basis=ruled.basis,
    )


def _question(
    case: Case, item: CatalogueItem, facts: RoutingFacts, names: Names
) -> StudyQuestionView:
    spot = Spot(case.lon, case.lat, case.error_m)
    asked = question_of(item, spot, facts, case.asset_id, case.cond_key)
    return StudyQuestionView(
        cond_key=case.cond_key,
        asset_type=asked.asset_type,
        territories=_named(asked.territories, names),
        radius_m=item.dedup.radius_m + min(case.error_m, MAX_ERROR_M),
    )


def _suggested(case: Case, item: CatalogueItem, facts: RoutingFacts) -> list[str]:
    """Owners of what is near, who repaired here, who the item names, the territory, who returned it."""
    keys = [
        *(each.owner_unit for each in facts.assets),
        *(each.lead_unit for each in facts.repairs),
        item.lead_unit,
        *item.assist_units,
        case.returned_from,
        case.territory_unit,
    ]
    return [key for key in dict.fromkeys(keys) if key is not None and key in facts.units]


def _named(keys: Iterable[str], names: Names) -> list[NamedUnitView]:
    found = [(key, names.get(key, (key, key))) for key in keys]
    return [NamedUnitView(unit_key=key, name_zh=zh, name_en=en) for key, (zh, en) in found]


def _units_in(ruling: Ruling) -> list[str]:
    territory = [ruling.scope.territory] if ruling.scope.territory else []
    return [ruling.lead_unit, *ruling.assist_units, *territory]


def _in_words(ruling: Ruling, names: Names, item: CatalogueItem | None) -> dict[str, str | None]:
    zh, en = scope_in_words(ruling.scope, names)
    key = ruling.scope.cond_key
    condition = None if item is None or key is None else item.condition(key)
    return {
        "scope_zh": zh,
        "scope_en": en,
        "condition_text_zh": condition.text_zh if condition else key,
        "condition_text_en": condition.text_en if condition else key,
    }
