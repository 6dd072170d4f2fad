"""Parses a `multipart/x-mixed-replace` stream, the form in which many cameras send MJPEG."""

import re
from collections.abc import Iterator
from email.message import Message

_LARGEST_HEADER = 8 * 1024
_LONGEST_GAP = 64 * 1024
"""The most bytes between two parts."""
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PADDING = b"\r\n\0 -"


class BadStream(ValueError):
    """No further part can be found in the stream; the text says why."""


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type names."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_boundary()
    return boundary.encode("latin-1", "replace") if boundary else None


class MultipartParser:
    """Takes a stream piece by piece and returns complete parts of at most `largest` bytes each.

    Cameras disagree on how many dashes stand before the boundary, so any number will do. Without a
    boundary, the first line that begins with two dashes is taken.
    """

    def __init__(self, boundary: bytes | None, largest: int) -> None:
        self._delimiter = b"--" + boundary.lstrip(b"-") if boundary else None
        self._largest = largest
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The parts that end within the data. Raises BadStream, and then nothing more can come."""
        self._buffer += data
        while (part := self._next()) is not None:
            yield part

    def _next(self) -> bytes | None:
        start = self._part_start()
        if start is None:
            return None
        header = _HEADER_END.search(self._buffer, start, start + _LARGEST_HEADER)
        if header is None:
            if len(self._buffer) > start + _LARGEST_HEADER:
                raise BadStream("a part has a header without end")
            return None
        length = _LENGTH.search(self._buffer, start, header.end())
        end = (
            self._end_by_boundary(header.end())
            if length is None
            else self._end_by_length(header.end(), int(length[1]))
        )
        if end is None:
            return None
        part = bytes(self._buffer[header.end() : end]).rstrip(_PADDING)
        del self._buffer[:end]
        self._searched = 0
        return part

    def _part_start(self) -> int | None:
        """Where the header of the next part begins; the bytes before it are dropped."""
        if self._delimiter is None:
            self._delimiter = self._first_delimiter()
        at = -1 if self._delimiter is None else self._buffer.find(self._delimiter)
        if self._delimiter is None or at < 0:
            if len(self._buffer) > _LONGEST_GAP:
                raise BadStream("it holds no boundary between parts")
            return None
        del self._buffer[:at]
        return len(self._delimiter)

    def _first_delimiter(self) -> bytes | None:
        line = re.search(rb"(?:^|\n)(--[^\r\n]+)\r?\n", self._buffer[:_LARGEST_HEADER])
        return None if line is None else line[1]

    def _end_by_length(self, start: int, length: int) -> int | None:
        if length > self._largest:
            raise BadStream(f"a part has {length} bytes, at most {self._largest} are taken")
        return start + length if len(self._buffer) >= start + length else None

    def _end_by_boundary(self, start: int) -> int | None:
        assert self._delimiter is not None  # a part has begun
        end = self._buffer.find(self._delimiter, max(start, self._searched))
        if end >= 0:
            return end
        if len(self._buffer) - start > self._largest:
            raise BadStream(f"a part has more than {self._largest} bytes")
        self._searched = max(start, len(self._buffer) - len(self._delimiter))
        return None
