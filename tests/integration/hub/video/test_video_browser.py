import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from hub.video.relay import SdpAnswer

pytestmark = pytest.mark.e2e

OFFER = """async () => {
    window.peer = new RTCPeerConnection({iceServers: []});
    peer.addTransceiver('video', {direction: 'recvonly'});
    peer.addTransceiver('audio', {direction: 'recvonly'});
    await peer.setLocalDescription(await peer.createOffer());
    if (peer.iceGatheringState !== 'complete')
        await new Promise(done => peer.addEventListener('icegatheringstatechange',
            () => peer.iceGatheringState === 'complete' && done()));
    return peer.localDescription.sdp;
}"""
ANSWER = "async sdp => peer.setRemoteDescription({type: 'answer', sdp})"
DECODED = """async () => {
    for (const report of (await peer.getStats()).values())
        if (report.type === 'inbound-rtp' && report.kind === 'video')
            return report.framesDecoded ?? 0;
    return 0;
}"""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    program = shutil.which("chromium")
    assert program, "chromium is missing; script/bootstrap dev installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--allow-loopback-in-peer-connection"],
        )
        opened = await browser.new_page()
        yield opened
        await browser.close()


async def test_a_browser_shows_what_the_relay_passes_on(relay, studio, session_id, page) -> None:
    """Also where it hides its addresses, as it does unless somebody gave it a camera."""
    await studio.publish(lambda offer: relay.publish(session_id, offer))
    answer: SdpAnswer = await relay.view(session_id, await page.evaluate(OFFER))
    await page.evaluate(ANSWER, answer.sdp)

    async def shows_pictures() -> bool:
        return await page.evaluate(DECODED) >= 10

    await studio.until(shows_pictures)
