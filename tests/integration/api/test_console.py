"""The built console, served beside the API."""

from pathlib import Path

import httpx
import pytest

from hub.settings import Settings


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "console"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>patrolhub</title>")
    (folder / "assets" / "index-4f2a.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    return settings.model_copy(update={"console_dir": folder})


@pytest.mark.parametrize("path", ["/", "/cases", "/cases/7", "/apiary"])
async def test_every_page_of_the_console_is_its_index(
    anonymous: httpx.AsyncClient, path: str
) -> None:
    answer = await anonymous.get(path)
    assert (answer.status_code, answer.text) == (200, "<title>patrolhub</title>")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_hashed_assets_are_kept_for_ever(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/assets/index-4f2a.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/assets/gone.js", "/api/nothing", "/video/nothing", "/api"])
async def test_what_is_not_there_is_no_page(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"]
)
async def test_nothing_outside_the_console_is_served(
    anonymous: httpx.AsyncClient, path: str
) -> None:
    assert "secret" not in (await anonymous.get(path)).text


async def test_a_wrong_method_of_the_api_is_not_taken_for_a_page(
    anonymous: httpx.AsyncClient,
) -> None:
    assert (await anonymous.post("/api/health")).status_code == 405
