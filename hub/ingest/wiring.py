"""How ingest is put together: one connection and pipeline for photos, one for everything else.

While the evidence store is unavailable only photos wait, and few of them are in memory.
"""

from dataclasses import replace

from hub.evidence import EvidenceStore
from hub.ingest.admission import Admission
from hub.ingest.pipeline import Pipeline
from hub.ingest.run import Ingest
from hub.ingest.store import BatchStore
from hub.ingest.subscriber import Broker, Subscriber
from hub.ingest.subscriptions import Subscriptions
from hub.refusals.keeping import RefusedKeeping
from wire.families import TO_HUB, Family
from wire.topics import Leaf

MESSAGES_AHEAD = 4000
"""At most 144 KiB each, mostly a few hundred bytes."""
PHOTOS_AHEAD = 64
"""At most 512 KiB each."""


def ingest_of(
    broker: Broker,
    district: str,
    version: str,
    database_url: str,
    evidence: EvidenceStore,
    keeping: RefusedKeeping = RefusedKeeping(),
    *,
    leaving: bool = False,
) -> Ingest:
    """An ingest that connects twice: as `broker` says, and with `-photos` added to the client id."""
    photos = [family for family in TO_HUB if family.leaf is Leaf.EVIDENCE]
    messages = [family for family in TO_HUB if family.leaf is not Leaf.EVIDENCE]
    subscriptions = Subscriptions(2)

    def pair(name: str, families: list[Family], ahead: int) -> tuple[Subscriber, Pipeline]:
        login = replace(broker, client_id=f"{broker.client_id}{name}")
        subscriber = Subscriber(
            login,
            district,
            version,
            families,
            subscriptions,
            receive_maximum=ahead,
            leaving=leaving,
        )
        return subscriber, Pipeline(
            Admission(database_url, district), BatchStore(database_url, evidence, keeping)
        )

    return Ingest(pair("", messages, MESSAGES_AHEAD), pair("-photos", photos, PHOTOS_AHEAD))
