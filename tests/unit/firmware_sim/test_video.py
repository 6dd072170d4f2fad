"""Where a terminal's offer goes if the video server is elsewhere."""

from collections.abc import Callable

import httpx
import pytest

from firmware_sim.video import _post

Handler = Callable[[httpx.Request], httpx.Response]


def redirecting(status: int) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/old":
            return httpx.Response(status, headers={"Location": "/new"})
        return httpx.Response(201 if request.method == "POST" and request.content else 400)

    return answer


async def posted(handler: Handler) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
        return await _post(http, "http://hub/old", "v=0")


@pytest.mark.parametrize("status", [307, 308])
async def test_an_offer_follows_a_redirect_that_keeps_it(status: int):
    answer = await posted(redirecting(status))
    assert (answer.status_code, str(answer.request.url)) == (201, "http://hub/new")


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_an_offer_follows_no_other_redirect(status: int):
    assert (await posted(redirecting(status))).status_code == status


async def test_an_offer_does_not_go_round_in_circles():
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(307, headers={"Location": "/old"})

    assert (await posted(answer)).status_code == 307
    assert len(asked) == 3
