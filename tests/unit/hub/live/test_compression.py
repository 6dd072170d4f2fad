import gzip
import zlib

from hub.live.compression import GzipBody, StreamPart

PARTS = [StreamPart(f"event: ping {n}\n\n".encode() * (n + 1)) for n in range(5)]


def test_what_was_sent_can_be_read_before_the_body_ends() -> None:
    body, reader = GzipBody(), zlib.decompressobj(zlib.MAX_WBITS | 16)
    for part in PARTS:
        assert reader.decompress(body.add(part)) == part.plain


def test_a_body_that_ends_is_whole() -> None:
    body = GzipBody()
    sent = b"".join(body.add(part) for part in PARTS) + body.end()
    assert gzip.decompress(sent) == b"".join(part.plain for part in PARTS)
    assert gzip.decompress(GzipBody().end()) == b""


def test_bodies_share_their_parts_in_any_order() -> None:
    one, other = GzipBody(), GzipBody()
    one.add(PARTS[0])
    sent = b"".join(other.add(part) for part in reversed(PARTS)) + other.end()
    assert gzip.decompress(sent) == b"".join(part.plain for part in reversed(PARTS))
