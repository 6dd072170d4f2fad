"""What an offer may ask for: one stream, one video, and nothing that would be left out of the answer."""

import pytest

from hub.errors import InvalidInput
from hub.video.offer import check_published, check_watched, media_lines

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def offer(*lines: str, group: str = "BUNDLE 0 1") -> str:
    return HEAD + f"a=group:{group}\r\n" + "".join(lines)


def line(kind: str, mid: int = 0, direction: str = "sendonly", stream: str = "s") -> str:
    return f"m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\na=msid:{stream} track\r\n"


def test_the_lines_of_an_offer_are_read_in_their_order():
    sound, picture = media_lines(offer(line("audio"), line("video", 1, "recvonly")))
    assert (sound.kind, sound.mid, sound.direction) == ("audio", "0", "sendonly")
    assert (picture.kind, picture.direction, picture.streams) == ("video", "recvonly", {"s"})


def test_a_line_without_a_direction_has_the_sessions_or_sends_and_receives():
    bare = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
    assert media_lines(offer(bare))[0].direction == "sendrecv"
    assert media_lines(HEAD + "a=sendonly\r\n" + bare)[0].direction == "sendonly"


@pytest.mark.parametrize(
    "lines", [(line("video"),), (line("audio"), line("video", 1)), (line("video", 0, "sendrecv"),)]
)
def test_one_stream_with_one_video_is_published(lines: tuple[str, ...]):
    assert len(check_published(offer(*lines))) == len(lines)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), "no video"),
        ((line("audio"),), "no video"),
        ((line("video"), line("video", 1)), "more than one video"),
        ((line("video"), line("audio", 1), line("audio", 1)), "more than one sound"),
        ((line("video"), line("audio", 1, stream="t")), "more than one media stream"),
        ((line("video"), line("application", 1)), "application"),
        ((line("video", 0, "recvonly"),), "sends nothing"),
        ((line("video"), line("audio", 1, "inactive")), "sends nothing"),
        ((line("video"), line("audio", 2)), "BUNDLE"),
    ],
)
def test_what_would_be_answered_in_part_is_refused_with_the_reason(
    lines: tuple[str, ...], reason: str
):
    with pytest.raises(InvalidInput, match=reason):
        check_published(offer(*lines))


def test_who_watches_must_want_to_receive():
    assert check_watched(offer(line("video", 0, "recvonly"), line("audio", 1, "recvonly")))
    with pytest.raises(InvalidInput, match="receives no video"):
        check_watched(offer(line("video", 0, "sendonly")))
