"""How ingest is put together: one line for photos, one for all the rest.

While the evidence store is away, photos wait and nothing else does; and the few photos that the broker
sends ahead take little memory.
"""

from dataclasses import replace

from hub.evidence import EvidenceStore
from hub.ingest.admission import Admission
from hub.ingest.loop import Ingest, Lane
from hub.ingest.store import Store
from hub.ingest.subscriber import Broker, Roll, Subscriber
from wire.families import TO_HUB, Family
from wire.topics import Leaf

MESSAGES_AHEAD = 4000
"""At most 64 KiB each, mostly a few hundred bytes."""
PHOTOS_AHEAD = 64
"""At most 512 KiB each."""


def ingest_of(
    broker: Broker,
    district: str,
    version: str,
    database_url: str,
    evidence: EvidenceStore,
    *,
    leaving: bool = False,
) -> Ingest:
    """An ingest that logs in as `broker` says, and with the same name and `-photos` after it."""
    photos = [family for family in TO_HUB if family.leaf is Leaf.EVIDENCE]
    messages = [family for family in TO_HUB if family.leaf is not Leaf.EVIDENCE]
    roll = Roll(2)

    def line(name: str, families: list[Family], ahead: int) -> tuple[Subscriber, Lane]:
        login = replace(broker, client_id=f"{broker.client_id}{name}")
        subscriber = Subscriber(
            login, district, version, families, roll, receive_maximum=ahead, leaving=leaving
        )
        return subscriber, Lane(Admission(database_url, district), Store(database_url, evidence))

    return Ingest(line("", messages, MESSAGES_AHEAD), line("-photos", photos, PHOTOS_AHEAD))
