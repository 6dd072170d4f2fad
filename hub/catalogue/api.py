"""Read the current responsibility list."""

from fastapi import APIRouter
from pydantic import BaseModel

from hub.accounts.access import Anyone
from hub.catalogue import store
from hub.catalogue.item import CatalogueItem
from hub.http.requests import Db

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])


class Catalogue(BaseModel):
    version: int
    items: list[CatalogueItem]


@router.get("")
async def catalogue(db: Db, _account: Anyone) -> Catalogue:
    """All items with their conditions, in the current version."""
    version = await store.current_version(db)
    return Catalogue(version=version, items=await store.items(db, version))
