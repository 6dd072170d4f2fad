"""Read and write the answers of invited units, and proposals for the catalogue."""

from dataclasses import asdict
from datetime import datetime

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.catalogue.ruling import Ruling
from hub.db import Connection, load_queries
from hub.errors import NotFound
from hub.studies.study import Proposal, ProposalState, StudyPosition

SQL = load_queries(__file__)


async def add_answer(
    db: Connection,
    case_id: int,
    unit_key: str,
    position: StudyPosition,
    text: str,
    at: datetime,
    by: str,
) -> None:
    facts = {"case_id": case_id, "unit_key": unit_key, "position": position}
    await db.execute(SQL["add_answer"], facts | {"text": text, "at": at, "by": by})


async def next_proposal_id(db: Connection) -> int:
    row = await (await db.execute(SQL["next_proposal"])).fetchone()
    assert row is not None
    return int(row[0])


async def has_open_proposal(db: Connection, case_id: int) -> bool:
    return await (await db.execute(SQL["open_proposal"], (case_id,))).fetchone() is not None


async def add_proposal(db: Connection, proposal: Proposal) -> None:
    """Write a new proposal."""
    facts = {name: value for name, value in asdict(proposal).items() if name != "ruling"}
    ruling = Jsonb(proposal.ruling.model_dump(mode="json"))
    said = {"ruling": ruling, "at": proposal.proposed_at, "by": proposal.proposed_by}
    await db.execute(SQL["add_proposal"], facts | said)


async def lock_proposal(db: Connection, proposal_id: int) -> Proposal:
    """One proposal, locked to the end of the transaction. Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["lock_proposal"], (proposal_id,))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"there is no proposal {proposal_id}", proposal_id=proposal_id)
    ruling, state = Ruling.model_validate(row["ruling"]), ProposalState(row["state"])
    return Proposal(**row | {"ruling": ruling, "state": state})


async def save_decision(db: Connection, proposal: Proposal) -> None:
    """Write who accepted or declined a proposal."""
    facts = asdict(proposal) | {"ruling": None}
    said = {"at": proposal.decided_at, "by": proposal.decided_by}
    await db.execute(SQL["decide_proposal"], facts | said)


async def names_of_units(db: Connection, keys: list[str]) -> dict[str, tuple[str, str]]:
    """Chinese and English names by key of the units that exist."""
    cursor = await db.execute(SQL["units"], (keys,))
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}
