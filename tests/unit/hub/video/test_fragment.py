"""Fragments of session descriptions, as WHIP clients send them."""

import pytest
from aioice import Candidate

from hub.errors import InvalidInput
from hub.video.etags import matches
from hub.video.fragment import IceFragment, read_fragment, write_fragment
from hub.video.ice import IceCredentials
from hub.video.offer import MediaLine

CREDENTIALS = IceCredentials("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1")
HEAD = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
CANDIDATE = "1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw"
TRICKLE = f"{HEAD}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:{CANDIDATE}\r\n"


def test_candidates_are_read_with_the_credentials_that_they_belong_to():
    """As in RFC 9725, 4.3.2."""
    assert read_fragment(TRICKLE) == IceFragment(CREDENTIALS, (CANDIDATE,))
    assert read_fragment(TRICKLE + "a=end-of-candidates\r\n").ended
    assert read_fragment(f"a=candidate:{CANDIDATE}\n").credentials is None
    assert Candidate.from_sdp(read_fragment(TRICKLE).candidates[0]).host == "192.0.2.1"


def test_a_restart_has_new_credentials_and_need_not_have_candidates():
    assert read_fragment(HEAD) == IceFragment(CREDENTIALS, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a=mid:0\r\n",
        "a=ice-ufrag:EsAw\r\n",
        "a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n",
        "a=ice-ufrag:E w\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n",
        HEAD + "a=ice-ufrag:Other\r\n",
    ],
)
def test_what_is_no_fragment_is_refused(text: str):
    with pytest.raises(InvalidInput):
        read_fragment(text)


def test_what_is_written_can_be_read():
    line = MediaLine("video", "recvonly", "video0", frozenset())
    fragment = IceFragment(CREDENTIALS, (CANDIDATE, CANDIDATE), ended=True)
    text = write_fragment(fragment, line)
    assert text.startswith("m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:video0\r\n")
    assert read_fragment(text) == fragment


@pytest.mark.parametrize("condition", ["*", '"*"', '"a"', '"b", "a"', ' "a" '])
def test_a_condition_that_names_the_tag_or_any_is_met(condition: str):
    assert matches(condition, '"a"')


@pytest.mark.parametrize("condition", ["", "a", '"b"', 'W/"a"', '"a', "**"])
def test_any_other_condition_is_not(condition: str):
    assert not matches(condition, '"a"')
