"""Filters of the list that people keep under a name; a supervisor shares them with everybody."""

from datetime import datetime
from typing import Annotated

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field

from hub.accounts.account import Account
from hub.accounts.role import Role
from hub.casefile.asking import WantedCases
from hub.casefile.store import SQL
from hub.db import Connection
from hub.errors import Conflict, Forbidden, NotFound

MOST_FILTERS = 50
"""So many each person keeps."""


class FilterToSave(BaseModel):
    """`is_default`: the list opens with it. `shared`: everybody sees it, which supervisors decide."""

    name: Annotated[
        str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")
    ]
    wanted: WantedCases
    is_default: bool = False
    shared: bool = False


class SavedFilter(BaseModel):
    """`mine`: the account that asks has saved it, and may change it."""

    filter_id: int
    name: str
    wanted: WantedCases
    is_default: bool
    shared: bool
    mine: bool
    saved_by: str
    saved_by_name: str
    saved_at: datetime


class SavedFilterList(BaseModel):
    items: list[SavedFilter]


async def list_filters(db: Connection, account: Account) -> list[SavedFilter]:
    """The account's own filters by name, then those that others share."""
    async with db.cursor(row_factory=class_row(SavedFilter)) as cursor:
        await cursor.execute(SQL["saved_filters"], {"username": account.username})
        return await cursor.fetchall()


async def save_filter(
    db: Connection,
    account: Account,
    given: FilterToSave,
    now: datetime,
    filter_id: int | None = None,
) -> SavedFilter:
    """Keep a new filter, or change one that the account saved before.

    Raises NotFound, Forbidden for sharing without being a supervisor, and Conflict if another has that name
    or there are too many.
    """
    if given.shared and account.role is not Role.SUPERVISOR:
        raise Forbidden("only a supervisor shares a filter with everybody", field="shared")
    own = [each for each in await list_filters(db, account) if each.mine]
    if filter_id is not None and filter_id not in {each.filter_id for each in own}:
        raise NotFound(f"you have no filter {filter_id}", filter_id=filter_id)
    if any(each.name == given.name and each.filter_id != filter_id for each in own):
        raise Conflict(
            f"you have a filter with the name {given.name}; choose another", field="name"
        )
    if filter_id is None and len(own) >= MOST_FILTERS:
        raise Conflict(f"you have {MOST_FILTERS} filters; delete one that you don't need")
    if given.is_default:
        await db.execute(SQL["no_default_filter"], (account.username,))
    facts = given.model_dump(exclude={"wanted"}) | {
        "username": account.username,
        "wanted": Jsonb(given.wanted.model_dump(mode="json", exclude_defaults=True)),
        "now": now,
        "filter_id": filter_id,
    }
    query = SQL["add_filter"] if filter_id is None else SQL["change_filter"]
    row = await (await db.execute(query, facts)).fetchone()
    assert row is not None
    return next(each for each in await list_filters(db, account) if each.filter_id == row[0])


async def delete_filter(db: Connection, account: Account, filter_id: int) -> None:
    """Raises NotFound if the account has none of this id."""
    cursor = await db.execute(SQL["delete_filter"], (filter_id, account.username))
    if await cursor.fetchone() is None:
        raise NotFound(f"you have no filter {filter_id}", filter_id=filter_id)
