"""Which relay is used, and where terminals and browsers are sent."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from hub.settings import Settings
from hub.video.addresses import of_embedded_relay, of_mediamtx

SESSION_ID = UUID("11111111-2222-4333-8444-555555555555")
REQUIRED = {
    "database_url": "postgresql:///nowhere",
    "district": "530303",
    "evidence_url": "file:///nowhere",
}


def test_a_terminal_publishes_to_the_public_address_and_a_browser_stays_where_it_is():
    addresses = of_embedded_relay("https://patrol.example.org/")
    assert addresses.whip_url(SESSION_ID) == f"https://patrol.example.org/video/whip/{SESSION_ID}"
    assert addresses.whep_url(SESSION_ID) == f"/video/whep/{SESSION_ID}"


@pytest.mark.parametrize("url", ["https://video.example.org", "https://video.example.org/"])
def test_a_session_is_a_path_at_mediamtx(url: str):
    addresses = of_mediamtx(url)
    assert addresses.whip_url(SESSION_ID) == f"https://video.example.org/{SESSION_ID}/whip"
    assert addresses.whep_url(SESSION_ID) == f"https://video.example.org/{SESSION_ID}/whep"


@pytest.mark.parametrize("given", ["mediamtx_url", "mediamtx_api_url"])
def test_mediamtx_needs_both_addresses(given: str):
    with pytest.raises(ValidationError, match="go together"):
        Settings(**REQUIRED, **{given: "http://localhost:8889"})


@pytest.mark.parametrize("url", ["localhost:8889", "rtsp://localhost", "http://", "http://a?b"])
def test_an_address_that_is_not_http_is_refused(url: str):
    with pytest.raises(ValidationError):
        Settings(**REQUIRED, mediamtx_url=url, mediamtx_api_url="http://localhost:9997")
