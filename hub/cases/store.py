"""Read and write cases."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from hub.cases.as_json import as_json
from hub.cases.case import Case, Satisfaction, State
from hub.cases.clock_runs import ClockEntry
from hub.cases.evidence import EvidenceLink
from hub.cases.provenance import LIKE_BITS, PhotoOrigin
from hub.cases.requests import ApprovalKind, ApprovalRequest
from hub.catalogue import RoutingReason, Severity
from hub.db import Connection, load_queries
from hub.deadlines import LimitType, Policy
from hub.errors import NotFound, Unavailable

SQL = load_queries(__file__)
_LOCKED = SQL["by_ids"].removesuffix(b";") + b"\nFOR NO KEY UPDATE"
"""In the order of the ids, so that two who lock the same cases don't block each other."""


async def find_case(db: Connection, case_id: int) -> Case | None:
    found = await cases_by_ids(db, [case_id])
    return found[0] if found else None


async def cases_after(db: Connection, case_id: int, limit: int) -> list[Case]:
    """A page of all cases by their ids."""
    cursor = await db.execute(SQL["ids_after"], (case_id, limit))
    return await cases_by_ids(db, [row[0] for row in await cursor.fetchall()])


async def cases_by_ids(db: Connection, case_ids: Sequence[int]) -> list[Case]:
    """Those that exist, in the order of their ids."""
    return await _cases(db, SQL["by_ids"], case_ids)


async def _cases(db: Connection, query: bytes, case_ids: Sequence[int]) -> list[Case]:
    if not case_ids:
        return []
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, (list(case_ids),))
        return [_case(row) for row in await cursor.fetchall()]


async def case_by_id(db: Connection, case_id: int) -> Case:
    """One case. Raises NotFound."""
    return _the_case(case_id, await cases_by_ids(db, [case_id]))


async def lock_case(db: Connection, case_id: int, *others: int) -> Case:
    """One case, locked to the end of the transaction together with `others`. Raises NotFound."""
    return _the_case(case_id, await _cases(db, _LOCKED, [case_id, *others]))


def _the_case(case_id: int, cases: Sequence[Case]) -> Case:
    case = next((each for each in cases if each.case_id == case_id), None)
    if case is None:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return case


async def lock_cells(db: Connection, cells: Collection[str]) -> None:
    """Hold back other filings that lock one of the cells until the end of the transaction."""
    await db.execute(SQL["lock_cells"], (list(cells),))


async def next_case_no(db: Connection, day: date) -> str:
    """`<district>-<yyyymmdd>-<number of the day>`. Raises Unavailable before a district exists."""
    row = await (await db.execute(SQL["district_code"])).fetchone()
    if row is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    number = await (await db.execute(SQL["next_number"], (day,))).fetchone()
    assert number is not None
    return f"{row[0]}-{day:%Y%m%d}-{number[0]:04d}"


async def insert_case(db: Connection, case: Case) -> int:
    """Write a new case; its `case_id` is not used. Returns the one that it got."""
    row = await (await db.execute(SQL["insert"], _columns(case))).fetchone()
    assert row is not None
    return int(row[0])


async def save_case(db: Connection, case: Case) -> None:
    """Write the columns that a transition may change."""
    await db.execute(SQL["save"], _columns(case))


async def add_evidence(
    db: Connection, case_id: int, links: Sequence[EvidenceLink], now: datetime
) -> None:
    """Link photos with a case; a link that exists stays as it is."""
    for link in links:
        facts = asdict(link) | {"boxes": Jsonb(list(link.boxes))}
        await db.execute(SQL["add_evidence"], facts | {"case_id": case_id, "added_at": now})


async def note_seen(db: Connection, case: Case, observed_at: datetime) -> Case:
    """Extend the time span in which the issue was seen; a late message may extend it backwards.

    Returns the case after it. The caller has locked it, and records the change.
    """
    await db.execute(SQL["note_seen"], {"case_id": case.case_id, "observed_at": observed_at})
    return replace(
        case,
        last_seen_at=max(case.last_seen_at, observed_at),
        occurred_at=min(case.occurred_at, observed_at),
    )


async def require_callback(db: Connection, case_id: int) -> None:
    """Somebody wants to be called back when the case is done."""
    await db.execute(SQL["require_callback"], (case_id,))


async def photo_origin(db: Connection, case_id: int, sha256: str) -> PhotoOrigin | None:
    """The known facts of a photo's origin, for this case; None if it has not arrived."""
    facts = {"case_id": case_id, "sha256": sha256, "like_bits": LIKE_BITS}
    async with db.cursor(row_factory=class_row(PhotoOrigin)) as cursor:
        await cursor.execute(SQL["photo_origin"], facts)
        return await cursor.fetchone()


async def photos_of(db: Connection, case_id: int) -> frozenset[str]:
    """The photos that the case has and that have arrived."""
    cursor = await db.execute(SQL["photos_of"], (case_id,))
    return frozenset(row[0] for row in await cursor.fetchall())


async def was_overdue(db: Connection, case_id: int) -> bool:
    """Whether the case was ever flagged as overdue."""
    row = await (await db.execute(SQL["was_overdue"], (str(case_id),))).fetchone()
    return row is not None and bool(row[0])


async def clock_entries(
    db: Connection, case_ids: Sequence[int]
) -> Mapping[int, Sequence[ClockEntry]]:
    """The entries of each case that may have touched its clock, oldest first."""
    found: dict[int, list[ClockEntry]] = defaultdict(list)
    cursor = await db.execute(SQL["clock_entries"], ([str(each) for each in case_ids],))
    for subject_id, at, event, moved_due in await cursor.fetchall():
        found[int(subject_id)].append(ClockEntry(at, event, moved_due))
    return found


async def unknown_units(db: Connection, keys: Sequence[str]) -> tuple[str, ...]:
    """The keys that belong to no unit."""
    cursor = await db.execute(SQL["unknown_units"], (list(keys),))
    return tuple(row[0] for row in await cursor.fetchall())


async def absorb(db: Connection, case_id: int, into: int) -> None:
    """Give a case's signals and photos to another."""
    keys = {"case_id": case_id, "into": into}
    await db.execute(SQL["move_evidence"], keys)
    await db.execute(SQL["move_signals"], keys)


def _columns(case: Case) -> dict[str, Any]:
    columns = {field.name: getattr(case, field.name) for field in fields(case)}
    return columns | {
        "assist_units": list(case.assist_units),
        "invited_units": list(case.invited_units),
        "why": Jsonb([asdict(reason) for reason in case.why]),
        "requests": Jsonb([as_json(request) for request in case.requests]),
    }


def _case(row: dict[str, Any]) -> Case:
    limit_type, policy, said = row["limit_type"], row["policy"], row["satisfaction"]
    return Case(
        **row
        | {
            "state": State(row["state"]),
            "severity": Severity(row["severity"]),
            "assist_units": tuple(row["assist_units"]),
            "invited_units": tuple(row["invited_units"]),
            "why": tuple(RoutingReason(**reason) for reason in row["why"]),
            "limit_type": None if limit_type is None else LimitType(limit_type),
            "policy": None if policy is None else Policy(policy),
            "satisfaction": None if said is None else Satisfaction(said),
            "requests": tuple(_request(request) for request in row["requests"]),
        }
    )


def _request(request: dict[str, Any]) -> ApprovalRequest:
    until = request["until"]
    return ApprovalRequest(
        **request
        | {
            "kind": ApprovalKind(request["kind"]),
            "asked_at": datetime.fromisoformat(request["asked_at"]),
            "until": None if until is None else datetime.fromisoformat(until),
        }
    )
