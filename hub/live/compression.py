"""The event stream as one gzip body, made of parts that many streams share.

Each part is compressed by itself and ends on a whole byte, so any parts in any order make a valid body,
and a part that goes to a hundred consoles is compressed once.
"""

import zlib
from functools import cached_property

LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


class StreamPart:
    """A part of the event stream, plain and compressed."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain

    @cached_property
    def deflated(self) -> bytes:
        compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return compressor.compress(self.plain) + compressor.flush(zlib.Z_SYNC_FLUSH)


class GzipBody:
    """The parts of one gzip body, in the order in which they are sent."""

    def __init__(self) -> None:
        self._checksum = 0
        self._length = 0
        self._started = False

    def add(self, part: StreamPart) -> bytes:
        """The next bytes; a reader can decompress all of the part from them."""
        self._checksum = zlib.crc32(part.plain, self._checksum)
        self._length += len(part.plain)
        header, self._started = b"" if self._started else _HEADER, True
        return header + part.deflated

    def end(self) -> bytes:
        return (
            (b"" if self._started else _HEADER)
            + _LAST_BLOCK
            + self._checksum.to_bytes(4, "little")
            + (self._length & 0xFFFFFFFF).to_bytes(4, "little")
        )
