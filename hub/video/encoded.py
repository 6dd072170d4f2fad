"""Pictures pass through the relay as they come, encoded: aiortc would decode each one, and encode it
anew for every viewer.
"""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from aiortc import RTCRtpCodecCapability, RTCRtpReceiver, RTCRtpSender
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket
from av import Packet

EncodedPacket: TypeAlias = "Packet[Any]"
CLOCK_HZ = 90_000
TIME_BASE = Fraction(1, CLOCK_HZ)
MIME_TYPES = frozenset({"video/vp8", "video/rtx"})
"""Every browser and aiortc itself speak VP8; nothing is transcoded, so all must speak the same."""


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One VP8 frame; `timestamp` counts 1/90000 s since the publisher's first."""

    data: bytes
    timestamp: int

    @property
    def is_key(self) -> bool:
        """Whether it needs no picture before it (RFC 6386, 9.1: the lowest bit is 0)."""
        return bool(self.data) and not self.data[0] & 1

    def packet(self, pts: int) -> EncodedPacket:
        made: EncodedPacket = Packet(self.data)
        made.pts = pts
        made.time_base = TIME_BASE
        return made


def codecs() -> list[RTCRtpCodecCapability]:
    """The codecs that the relay agrees to."""
    return [
        codec
        for codec in RTCRtpSender.getCapabilities("video").codecs
        if codec.mimeType.lower() in MIME_TYPES
    ]


class _Tap(queue.Queue[Any]):
    """Takes the place of a receiver's queue of frames for its decoder, which only gets the end mark."""

    def __init__(self, take: Callable[[EncodedPicture], None]) -> None:
        super().__init__()
        self._take = take

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if item is None:
            super().put(item, block, timeout)
        else:
            _codec, frame = item
            self._take(EncodedPicture(bytes(frame.data), frame.timestamp))


def tap(receiver: RTCRtpReceiver, take: Callable[[EncodedPicture], None]) -> None:
    """Have a receiver give its frames undecoded to `take`, in the event loop. Call it before the
    receiver starts. It goes on after a goodbye (RTCP BYE), which a publisher also says when it
    restarts ICE: how it really leaves, the connection tells.
    """
    name = "_RTCRtpReceiver__decoder_queue"
    if not hasattr(receiver, name):
        raise RuntimeError("this aiortc has no decoder queue; the relay was made for 1.16")
    setattr(receiver, name, _Tap(take))
    handle = receiver._handle_rtcp_packet  # noqa: SLF001

    async def handle_all_but_goodbye(packet: AnyRtcpPacket) -> None:
        if not isinstance(packet, RtcpByePacket):
            await handle(packet)

    setattr(receiver, "_handle_rtcp_packet", handle_all_but_goodbye)  # noqa: B010


async def ask_for_key_picture(receiver: RTCRtpReceiver) -> None:
    """Send a picture loss indication, which a publisher answers with a picture that stands alone."""
    for source in receiver.getSynchronizationSources():
        await receiver._send_rtcp_pli(source.source)  # noqa: SLF001


def on_key_picture_wanted(sender: RTCRtpSender, ask: Callable[[], None]) -> None:
    """Have a viewer's picture loss indications reach `ask` instead of an encoder."""
    setattr(sender, "_send_keyframe", ask)  # noqa: B010
