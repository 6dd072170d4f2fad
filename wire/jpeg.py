"""What a JPEG says about itself, read from its markers without decoding it (ITU-T T.81, annex B)."""

import re
from dataclasses import dataclass, field

from wire.limits import MAX_SCANS

_SOI = b"\xff\xd8"
_EOI, _SOS, _APP1 = 0xD9, 0xDA, 0xE1
_METADATA = frozenset({*range(0xE0, 0xF0), 0xFE}) - {0xEE}
"""Application segments and comments, but for Adobe's, which says how colours are coded."""
_SOF_KNOWN = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive Huffman: the processes that every decoder reads."""
_SOF_PROGRESSIVE = 0xC2
_SOF_OTHER = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers that no length follows."""
_EXIF = b"Exif\0\0"
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The end of entropy-coded data: a marker other than a stuffed byte, a restart or a fill byte."""


class NotJpeg(ValueError):
    """The bytes are no JPEG that the hub can use; the text says why."""


class CutShort(NotJpeg):
    """The picture ends before it is complete."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size in pixels, the number of scans, and the bytes of the EXIF block, empty if there is none.

    `end` is where the picture ends; what follows, such as a maker's block, is no part of it.
    """

    width: int
    height: int
    scans: int
    exif: bytes
    end: int


def read_header(data: bytes) -> JpegHeader:
    """Walk all markers up to the end marker; bytes after it are ignored.

    Raises NotJpeg, and CutShort if a scan that was announced is missing. Whether the data of each scan
    is complete only a decoder can tell.
    """
    if not data.startswith(_SOI):
        raise NotJpeg("does not begin with a JPEG's SOI marker")
    walk = _Walk(data)
    while not walk.ended:
        walk.step()
    return walk.header()


def plain(data: bytes) -> bytes:
    """The same picture without what decoders only warn of, for bytes that `read_header` accepts.

    Metadata is left out, and the spectral parameters of a sequential scan are what they must be.
    """
    walk, kept = _Walk(data), [_SOI]
    while not walk.scans:
        start = walk.position
        marker = walk.step()
        if marker not in _METADATA:
            kept.append(data[start : walk.position])
    if not walk.progressive:
        length = int.from_bytes(kept[-1][2:4], "big")
        kept[-1] = kept[-1][: length - 1] + b"\0\x3f\0" + kept[-1][length + 2 :]
    return b"".join([*kept, data[walk.position :]])


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises NotJpeg, as `read_header` does."""
    header = read_header(data)
    return header.width, header.height


@dataclass
class _Walk:
    """The walk from marker to marker.

    `owed` tells of each component which bits of which coefficients are still to come: a component
    that no scan has named yet owes its coefficient 0.
    """

    data: bytes
    position: int = len(_SOI)
    size: tuple[int, int] | None = None
    progressive: bool = False
    owed: dict[int, dict[int, int]] = field(default_factory=dict)
    scans: int = 0
    exif: bytes = b""
    ended: bool = False

    def header(self) -> JpegHeader:
        if self.size is None or not self.scans:
            raise CutShort("ends before its first scan; cut short?")
        if any(bits for component in self.owed.values() for bits in component.values()):
            raise CutShort("ends before its last scan; cut short?")
        return JpegHeader(*self.size, self.scans, self.exif, self.position)

    def step(self) -> int:
        """Take the next marker with its segment, and the data of a scan; returns the marker."""
        marker = self._next_marker()
        if marker == _EOI:
            self.ended = True
        elif marker in _SOF_KNOWN:
            self._frame(self._segment(), marker)
        elif marker in _SOF_OTHER:
            raise NotJpeg(f"uses the JPEG process SOF{marker - 0xC0}, only 0, 1 and 2 are taken")
        elif marker == _SOS:
            self._scan(self._segment())
        elif marker == _SOI[1]:
            raise CutShort("has another picture's beginning before its own end; cut short?")
        elif marker not in _BARE:
            segment = self._segment()
            if marker == _APP1 and not self.exif and segment.startswith(_EXIF):
                self.exif = segment[len(_EXIF) :]
        return marker

    def _next_marker(self) -> int:
        """Take the marker that must be here, past any fill bytes."""
        data, at = self.data, self.position
        if at >= len(data):
            raise CutShort("does not end with a JPEG's EOI marker; cut short?")
        if data[at] != 0xFF:
            raise NotJpeg("has no marker where one must be")
        while at < len(data) and data[at] == 0xFF:
            at += 1
        if at >= len(data):
            raise CutShort("ends within its header; cut short?")
        self.position = at + 1
        return data[at]

    def _segment(self) -> bytes:
        """Take a segment that states its length; returns its content."""
        at = self.position
        length = int.from_bytes(self.data[at : at + 2], "big")
        if length < 2 or at + length > len(self.data):
            raise NotJpeg("has a segment of impossible length; cut short?")
        self.position = at + length
        return self.data[at + 2 : at + length]

    def _frame(self, segment: bytes, marker: int) -> None:
        if self.size is not None:
            raise NotJpeg("has two frame headers")
        if len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
            raise NotJpeg("has a frame header that is too short")
        height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
        if not width or not height:
            raise NotJpeg(f"states a size of {width} x {height} pixels")
        self.size = (width, height)
        self.progressive = marker == _SOF_PROGRESSIVE
        self.owed = {segment[6 + 3 * index]: {0: 1} for index in range(segment[5])}

    def _scan(self, segment: bytes) -> None:
        if self.size is None:
            raise NotJpeg("has no frame header before its scan")
        if not segment or len(segment) < 4 + 2 * segment[0]:
            raise NotJpeg("has a scan header that is too short")
        self.scans += 1
        if self.scans > MAX_SCANS:
            raise NotJpeg(f"has more than {MAX_SCANS} scans; save it as a baseline JPEG")
        self._pay(segment)
        found = _AFTER_SCAN.search(self.data, self.position)
        if found is None:
            raise CutShort("does not end with a JPEG's EOI marker; cut short?")
        self.position = found.start()

    def _pay(self, segment: bytes) -> None:
        """Note what this scan delivers: all of its components, or the upper bits of some coefficients."""
        components = segment[1 : 1 + 2 * segment[0] : 2]
        first, last, bits = segment[1 + 2 * segment[0] : 4 + 2 * segment[0]]
        for component in components:
            if component not in self.owed:
                raise NotJpeg(f"has a scan of the component {component}, which it has not")
            if not self.progressive:
                self.owed[component] = {}
                continue
            for coefficient in range(first, min(last, 63) + 1):
                self.owed[component][coefficient] = bits & 0x0F
