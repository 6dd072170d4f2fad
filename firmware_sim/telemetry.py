"""Samples of a terminal: numbered since its boot, sent at once, or kept while it is cut off."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from uuid import uuid4

from firmware_sim.connection import NOT_TAKEN, Connection
from firmware_sim.geometry import LocalProjection
from firmware_sim.outgoing_message import Branch
from firmware_sim.recently_sent import RecentlySent
from firmware_sim.walking import WalkerPosition
from wire.messages import Sample
from wire.topics import Leaf

_PER_MESSAGE = 200
"""So many samples stay well below the contract's 144 KiB."""
_KEPT = 20_000

Taken = Callable[[Leaf, Sequence[Sample]], None]
"""Called with samples that the broker has taken for a subscriber, and the leaf they were sent on."""


def observe(
    rng: Random,
    projection: LocalProjection,
    position: WalkerPosition,
    boot_id: str,
    seq: int,
    at: datetime,
    battery: float,
) -> Sample:
    """The readings of a terminal at a position, with the usual errors."""
    scatter = (rng.gauss(0, 1.2), rng.gauss(0, 1.2))
    lon, lat = projection.to_degrees(
        (position.point[0] + scatter[0], position.point[1] + scatter[1])
    )
    return Sample(
        boot_id=boot_id,
        seq=seq,
        observed_at=at,
        lon=lon,
        lat=lat,
        accuracy_m=round(rng.uniform(3, 8), 1),
        speed=round(position.speed, 2),
        heading=position.heading,
        battery=battery,
        signal=round(rng.gauss(-82, 5)),
        network="4G",
    )


class Recorder:
    """`boot_id` and the running number together name a sample for good."""

    def __init__(
        self, branch: Branch, connection: Connection, on_taken: Taken | None = None
    ) -> None:
        self._branch = branch
        self._connection = connection
        self._on_taken = on_taken
        self._backlog: deque[Sample] = deque(maxlen=_KEPT)
        self._recent = RecentlySent[Sample]()
        self.restart()

    def restart(self) -> None:
        """A new boot; samples in the backlog keep the old boot id and numbers."""
        self.boot_id = str(uuid4())
        self._seq = 0

    def number(self) -> int:
        """The next sample's number."""
        self._seq += 1
        return self._seq

    @property
    def kept(self) -> int:
        """The number of samples that wait for a subscriber."""
        return len(self._backlog)

    async def send(self, sample: Sample) -> None:
        """Send to the broker, or keep as backlog if that fails."""
        try:
            await self._connection.publish(self._branch.samples(Leaf.TELEMETRY, [sample]))
        except NOT_TAKEN:
            self._backlog.append(sample)
        else:
            self._taken(Leaf.TELEMETRY, [sample])

    def send_again(self) -> None:
        """The hub is subscribed again: what it may have missed is sent with the backlog."""
        self._backlog.extendleft(reversed(self._recent.all()))

    async def send_backlog(self) -> int:
        """Send the samples recorded while cut off, oldest first; returns how many were sent."""
        sent = 0
        while self._backlog:
            chunk = [self._backlog.popleft() for _ in range(min(_PER_MESSAGE, self.kept))]
            try:
                await self._connection.publish(self._branch.samples(Leaf.BACKLOG, chunk))
            except NOT_TAKEN:
                self._backlog.extendleft(reversed(chunk))
                break
            self._taken(Leaf.BACKLOG, chunk)
            sent += len(chunk)
        return sent

    def _taken(self, leaf: Leaf, samples: Sequence[Sample]) -> None:
        for sample in samples:
            self._recent.add(sample)
        if self._on_taken is not None:
            self._on_taken(leaf, samples)
