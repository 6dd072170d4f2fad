"""The header of a JPEG, read from its markers without decoding it (ITU-T T.81, annex B)."""

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOF_KNOWN = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive Huffman: the processes that every decoder reads."""
_SOF_OTHER = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS = 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers that no length follows."""


class NotJpeg(ValueError):
    """The bytes are no JPEG that the hub can use; the text says why."""


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels from the frame header. Raises NotJpeg."""
    if not data.startswith(_SOI):
        raise NotJpeg("does not begin with a JPEG's SOI marker")
    if not data.endswith(_EOI):
        raise NotJpeg("does not end with a JPEG's EOI marker; cut short?")
    position = len(_SOI)
    while True:
        marker, position = _next_marker(data, position)
        if marker in _SOF_KNOWN:
            return _frame_size(data, position)
        if marker in _SOF_OTHER:
            raise NotJpeg(f"uses the JPEG process SOF{marker - 0xC0}, only 0, 1 and 2 are taken")
        if marker == _SOS:
            raise NotJpeg("has no frame header before its scan")
        if marker not in _BARE:
            position += _segment_length(data, position)


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    """Return the marker at `position`, past any fill bytes, and where its segment begins."""
    if data[position : position + 1] != b"\xff":
        raise NotJpeg("has no marker where one must be")
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data):
        raise NotJpeg("ends within its header")
    return data[position], position + 1


def _segment_length(data: bytes, position: int) -> int:
    length = int.from_bytes(data[position : position + 2], "big")
    if length < 2 or position + length > len(data):
        raise NotJpeg("has a segment of impossible length")
    return length


def _frame_size(data: bytes, position: int) -> tuple[int, int]:
    if _segment_length(data, position) < 8:
        raise NotJpeg("has a frame header that is too short")
    height = int.from_bytes(data[position + 3 : position + 5], "big")
    width = int.from_bytes(data[position + 5 : position + 7], "big")
    if not width or not height:
        raise NotJpeg(f"states a size of {width} x {height} pixels")
    return width, height
