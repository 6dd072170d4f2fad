"""MJPEG streams as cameras write them, cut into pieces of any size."""

import random
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sources.multipart import BadStream, MultipartParser, boundary_of

PICTURES = [b"\xff\xd8" + bytes([k]) * (10 * k) + b"\xff\xd9" for k in range(1, 6)]


def stream(pictures: Iterable[bytes], dashes: str = "--", *, lengths: bool = True) -> bytes:
    written = b""
    for picture in pictures:
        length = f"\r\ncontent-length: {len(picture)}" if lengths else ""
        header = f"{dashes}cam\r\nContent-Type: image/jpeg{length}\r\n\r\n"
        written += header.encode() + picture + b"\r\n"
    return written + f"{dashes}cam--\r\n".encode()


def parts_of(data: bytes, boundary: bytes | None, cuts: Iterable[int]) -> list[bytes]:
    parts, found, start = MultipartParser(boundary, largest=1000), list[bytes](), 0
    for cut in [*sorted(cuts), len(data)]:
        found += parts.feed(data[start:cut])
        start = cut
    return found


@given(st.lists(st.integers(0, 400)), st.booleans(), st.sampled_from(["--", "----"]))
def test_however_a_stream_is_cut_its_parts_come_out_whole(
    cuts: list[int], lengths: bool, dashes: str
) -> None:
    data = stream(PICTURES, dashes, lengths=lengths)
    for boundary in (b"cam", b"--cam", None):
        assert parts_of(data, boundary, cuts) == PICTURES


@given(st.binary(max_size=3000))
def test_any_bytes_give_parts_or_a_bad_stream_and_nothing_else(data: bytes) -> None:
    parts, found = MultipartParser(b"cam", largest=1000), list[bytes]()
    with suppress(BadStream):
        found += parts.feed(data + b"--cam" + data)
    assert all(len(part) <= 1000 for part in found)


def test_what_stands_before_the_first_part_and_between_parts_is_passed_over() -> None:
    data = b"hello\r\n" + stream(PICTURES[:1]) + b"noise" + stream(PICTURES[1:])
    assert parts_of(data, b"cam", []) == PICTURES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x" * 70_000, "no boundary"),
        (b"--cam\r\n" + b"x" * 9000, "header without end"),
        (b"--cam\r\nContent-Length: 1001\r\n\r\n", "1001 bytes"),
        (b"--cam\r\nContent-Length: 99999999999\r\n\r\n", "at most 1000"),
        (b"--cam\r\n\r\n" + b"x" * 1001, "more than 1000"),
    ],
)
def test_a_stream_that_would_fill_the_memory_is_refused(data: bytes, reason: str) -> None:
    parts = MultipartParser(b"cam", largest=1000)
    pieces = [data[start : start + 1000] for start in range(0, len(data), 1000)]
    with pytest.raises(BadStream, match=reason):
        list(chain.from_iterable(map(parts.feed, pieces)))


def test_the_boundary_is_read_from_the_content_type() -> None:
    kind = "multipart/x-mixed-replace"
    assert boundary_of(f"{kind}; boundary=cam") == b"cam"
    assert boundary_of(f'{kind};boundary="--my cam"; charset=x') == b"--my cam"
    assert boundary_of(kind) is None
    assert boundary_of("") is None


def test_a_long_stream_costs_no_more_per_part_than_a_short_one() -> None:
    dice = random.Random(3)
    big = b"\xff\xd8" + dice.randbytes(900) + b"\xff\xd9"
    parts = MultipartParser(b"cam", largest=1000)
    count = sum(len(list(parts.feed(stream([big], lengths=False)))) for _ in range(500))
    assert count == 500
    assert len(parts._buffer) < 2000
