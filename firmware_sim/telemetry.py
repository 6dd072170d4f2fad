"""Samples of a terminal: numbered since its boot, sent at once, or kept while it is cut off."""

from collections import deque
from datetime import datetime
from itertools import islice
from uuid import uuid4

from firmware_sim.connection import Connection, CutOff
from firmware_sim.outgoing import Branch
from firmware_sim.plane import LonLat
from wire.messages import Sample
from wire.topics import Leaf

_PER_MESSAGE = 200
"""So many samples stay well below the contract's 64 KiB."""
_KEPT = 20_000


class Recorder:
    """`boot_id` and the running number together name a sample for good."""

    def __init__(self, branch: Branch, connection: Connection) -> None:
        self._branch = branch
        self._connection = connection
        self._backlog: deque[Sample] = deque(maxlen=_KEPT)
        self.restart()

    def restart(self) -> None:
        """A new boot; what is in the backlog keeps the old one's numbers."""
        self.boot_id = str(uuid4())
        self._seq = 0

    def sample(
        self,
        at: datetime,
        place: LonLat,
        *,
        accuracy_m: float,
        speed: float,
        heading: float,
        battery: float,
        signal: float,
    ) -> Sample:
        self._seq += 1
        return Sample(
            boot_id=self.boot_id,
            seq=self._seq,
            observed_at=at,
            lon=place[0],
            lat=place[1],
            accuracy_m=round(accuracy_m, 1),
            speed=round(speed, 2),
            heading=heading,
            battery=battery,
            signal=round(signal),
            network="4G",
        )

    @property
    def kept(self) -> int:
        """Samples that wait for a connection."""
        return len(self._backlog)

    async def send(self, sample: Sample) -> None:
        """To the broker, or to the backlog when there is no way through."""
        try:
            await self._connection.publish(self._branch.samples(Leaf.TELEMETRY, [sample]))
        except CutOff:
            self._backlog.append(sample)

    async def send_backlog(self) -> int:
        """What was recorded while cut off, oldest first; returns how many samples went."""
        sent = 0
        while self._backlog:
            chunk = list(islice(self._backlog, _PER_MESSAGE))
            try:
                await self._connection.publish(self._branch.samples(Leaf.BACKLOG, chunk))
            except CutOff:
                break
            for _ in chunk:
                self._backlog.popleft()
            sent += len(chunk)
        return sent
