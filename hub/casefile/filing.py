"""File an issue by hand."""

from hub.accounts.account import Account
from hub.cases import Actor, Case
from hub.cases.commands import NewCase
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence import photo_facts
from hub.geo.fix import require_place
from hub.geo.place import Spot
from hub.intake.opening import open_case
from hub.journal.unit_of_work import UnitOfWork


async def file_by_hand(
    work: UnitOfWork,
    account: Account,
    item_key: str,
    cond_key: str,
    spot: Spot,
    text: str,
    photos: tuple[str, ...],
) -> Case:
    """File and route an issue in the same way as a signal, with the guard that policy asks for.

    Raises what `file_case` does, and InvalidInput for a photo that was not sent before or a place outside the
    district.
    """
    await require_place(work.db, spot.lon, spot.lat)
    actor = Actor.of(account)
    links = tuple([await _link(work.db, account, sha256) for sha256 in dict.fromkeys(photos)])
    new = NewCase(item_key=item_key, cond_key=cond_key, spot=spot, text=text, evidence=links)
    return await open_case(work, new, actor)


async def _link(db: Connection, account: Account, sha256: str) -> EvidenceLink:
    photo = await photo_facts(db, sha256)
    if photo is None:
        raise InvalidInput(
            f"photo {sha256} has not arrived; send it to /api/evidence first", field="evidence"
        )
    return EvidenceLink(
        sha256=sha256,
        kind=EvidenceKind.FILING,
        device_id=photo.device_id,
        username=account.username,
        taken_at=photo.taken_at,
        lon=photo.lon,
        lat=photo.lat,
    )
