"""Photos over HTTP."""

import asyncio
import hashlib
import threading
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from hub.accounts import Role
from hub.db import Pool
from hub.evidence.examining import ExaminedPhoto, examine
from hub.settings import Settings
from tests.waiting import until

PICTURES = Path(__file__).parents[2] / "pictures"


async def send(client: httpx.AsyncClient, photo: bytes, **facts) -> httpx.Response:
    return await client.post("/api/evidence", files={"file": photo}, data=facts)


async def test_a_photo_comes_back_as_it_was_sent(
    dispatcher: httpx.AsyncClient, picture, pool: Pool
) -> None:
    photo = picture(1)
    sha256 = hashlib.sha256(photo).hexdigest()
    taken = {"lon": 103.8, "lat": 25.6, "taken_at": "2025-08-07T15:00:00+08:00"}
    answer = await send(dispatcher, photo, **taken)
    assert (answer.status_code, answer.json()) == (
        201,
        {"sha256": sha256, "width": 320, "height": 240},
    )
    stored = await dispatcher.get(f"/api/evidence/{sha256}")
    assert (stored.content, stored.headers["content-type"]) == (photo, "image/jpeg")
    assert stored.headers["cache-control"] == "private, no-cache"
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT username, lon, taken_at::text, perceptual_hash IS NULL FROM evidence"
        )
        assert await cursor.fetchall() == [
            ("dispatcher-housing-bureau", 103.8, "2025-08-07 07:00:00+00", False)
        ]


async def test_the_same_photo_twice_is_one(
    dispatcher: httpx.AsyncClient, picture, pool: Pool
) -> None:
    answers = [await send(dispatcher, picture(1)) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    async with pool.connection() as db:
        assert await (await db.execute("SELECT count(*) FROM evidence")).fetchone() == (1,)


def shape(photo: bytes) -> tuple[int, ...]:
    return cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR).shape


async def test_a_smaller_photo_is_made_once_and_kept(
    dispatcher: httpx.AsyncClient, picture, monkeypatch
) -> None:
    sha256 = (await send(dispatcher, picture(1, 640, 480))).json()["sha256"]
    small = await dispatcher.get(f"/api/evidence/{sha256}", params={"width": 100})
    assert shape(small.content) == (120, 160, 3)
    large = await dispatcher.get(f"/api/evidence/{sha256}", params={"width": 2000})
    assert large.content == picture(1, 640, 480)
    assert small.headers["etag"] != large.headers["etag"]

    def made(*_: object) -> bytes:
        raise AssertionError("it was made again")

    monkeypatch.setattr("hub.evidence.photo_library.scaled_down", made)
    again = await dispatcher.get(f"/api/evidence/{sha256}", params={"width": 160})
    assert again.content == small.content


async def test_a_thumbnail_that_was_changed_on_disk_is_made_anew(
    dispatcher: httpx.AsyncClient, picture, tmp_path: Path
) -> None:
    sha256 = (await send(dispatcher, picture(1, 640, 480))).json()["sha256"]
    url = f"/api/evidence/{sha256}?width=160"
    small = (await dispatcher.get(url)).content
    (kept,) = (tmp_path / "thumbnails").rglob("*.jpg")
    kept.write_bytes(picture(2, 160, 120))
    assert (await dispatcher.get(url)).content == small


@pytest.mark.parametrize("fault", ["missing", "changed"])
async def test_a_damaged_photo_is_the_same_error_to_get_and_head_and_never_a_picture(
    dispatcher: httpx.AsyncClient, picture, pool: Pool, tmp_path: Path, fault: str
) -> None:
    sha256 = (await send(dispatcher, picture(1))).json()["sha256"]
    file = tmp_path / sha256[:2] / f"{sha256}.jpg"
    file.unlink()
    if fault == "changed":
        file.write_bytes(picture(2))
    got = await dispatcher.get(f"/api/evidence/{sha256}")
    head = await dispatcher.head(f"/api/evidence/{sha256}")
    small = await dispatcher.get(f"/api/evidence/{sha256}", params={"width": 160})
    assert [each.status_code for each in (got, head, small)] == [500, 500, 500]
    assert got.headers["content-type"] == "application/problem+json"
    assert (got.json()["type"], got.json()["sha256"]) == (f"photo-{fault}", sha256)
    async with pool.connection() as db:
        cursor = await db.execute("SELECT damage, damaged_at IS NOT NULL FROM evidence")
        assert await cursor.fetchall() == [(fault, True)]


async def test_log_out_clears_what_the_browser_has_cached(dispatcher: httpx.AsyncClient) -> None:
    answer = await dispatcher.delete("/api/session")
    assert answer.headers["clear-site-data"] == '"cache"'


def repeated_scans(scans: int) -> bytes:
    """A large grey progressive JPEG whose last scan is repeated."""
    grey = np.full((3000, 4000, 3), 120, np.uint8)
    data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * scans + b"\xff\xd9"


async def test_hundreds_of_scans_are_refused_without_decoding_them(
    dispatcher: httpx.AsyncClient, monkeypatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the decoder was reached")

    monkeypatch.setattr("models.pictures._decode", decoded)
    answer = await send(dispatcher, repeated_scans(600))
    assert (answer.status_code, answer.json()["reason"]) == (
        422,
        "has more than 32 scans; save it as a baseline JPEG",
    )


async def test_uploads_hold_no_database_connection_while_they_are_decoded(
    dispatcher: httpx.AsyncClient, picture, app: FastAPI, monkeypatch
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(data: bytes) -> ExaminedPhoto:
        started.set()
        go_on.wait(10)
        return examine(data)

    monkeypatch.setattr("hub.evidence.uploads.examine", slow)
    uploads = [asyncio.create_task(send(dispatcher, picture(seed))) for seed in range(12)]
    await asyncio.to_thread(started.wait, 10)

    def all_free() -> bool:
        stats = app.state.pool.get_stats()
        return bool(stats["pool_available"] == stats["pool_size"])

    await until(all_free, what="every upload waits without a connection")
    assert (await dispatcher.get("/api/session")).status_code == 200
    go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*uploads)} == {201}


async def test_uploads_that_belong_to_nothing_are_limited(
    connect, dispatcher: httpx.AsyncClient, picture, settings: Settings, app: FastAPI
) -> None:
    app.state.settings = settings.model_copy(update={"unlinked_photos": 2})
    assert [(await send(dispatcher, picture(seed))).status_code for seed in (1, 2, 3)] == [
        201,
        201,
        429,
    ]
    assert (await send(dispatcher, picture(2))).status_code == 201


async def test_a_known_photo_is_not_sent_again(dispatcher: httpx.AsyncClient, picture) -> None:
    sha256 = (await send(dispatcher, picture(1))).json()["sha256"]
    head = await dispatcher.head(f"/api/evidence/{sha256}")
    assert (head.status_code, head.content) == (200, b"")
    known = {"If-None-Match": head.headers["etag"]}
    again = await dispatcher.get(f"/api/evidence/{sha256}", headers=known)
    assert (again.status_code, again.content) == (304, b"")


def huge_header() -> bytes:
    """A JPEG that claims 5000 x 5000 pixels."""
    frame = b"\xff\xc0\x00\x0b\x08" + (5000).to_bytes(2, "big") * 2 + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + frame + b"\xff\xd9"


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\xff\xd8\xff\xd9", huge_header(), b"\xff\xd8" + b"\0" * 100 + b"\xff\xd9"],
    ids=["nothing", "a GIF", "no frame", "too many pixels", "no markers"],
)
async def test_what_is_no_photo_is_refused_with_the_reason(
    dispatcher: httpx.AsyncClient, pool: Pool, data: bytes
) -> None:
    answer = await send(dispatcher, data)
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["field"]) == (422, "invalid-input", "file")
    assert problem["reason"]
    async with pool.connection() as db:
        assert await (await db.execute("SELECT count(*) FROM evidence")).fetchone() == (0,)


async def test_a_truncated_photo_is_refused(dispatcher: httpx.AsyncClient) -> None:
    header_only = huge_header().replace((5000).to_bytes(2, "big"), (50).to_bytes(2, "big"))
    answer = await send(dispatcher, header_only)
    assert (answer.status_code, answer.json()["reason"]) == (
        422,
        "ends before its first scan; cut short?",
    )


async def test_a_photo_over_two_mebibytes_is_refused(dispatcher: httpx.AsyncClient) -> None:
    just_over = b"\xff\xd8" + b"\0" * (2 * 1024 * 1024) + b"\xff\xd9"
    assert (await send(dispatcher, just_over)).status_code == 422
    far_over = just_over * 2
    assert (await send(dispatcher, far_over)).status_code == 413


@pytest.mark.parametrize(
    "facts", [{"lon": 103}, {"lon": 181, "lat": 25}, {"taken_at": "2025-08-07T15:00:00"}]
)
async def test_facts_that_make_no_sense_are_refused(
    dispatcher: httpx.AsyncClient, picture, facts: dict
) -> None:
    assert (await send(dispatcher, picture(1), **facts)).status_code == 422


async def test_a_unit_handler_sees_photos_of_the_own_cases_only(
    dispatcher: httpx.AsyncClient, sign_in, bare_case, picture, pool: Pool
) -> None:
    handler = await sign_in(Role.UNIT_HANDLER)
    stranger = await sign_in(Role.UNIT_HANDLER, "sanitation")
    case_id = await bare_case("housing_bureau")
    theirs = (await send(dispatcher, picture(1))).json()["sha256"]
    own = (await send(handler, picture(2))).json()["sha256"]
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO case_evidence (case_id, sha256, kind, added_at)"
            " VALUES (%s, %s, 'report', now())",
            (case_id, theirs),
        )
    for sha256 in (theirs, own):
        assert (await handler.get(f"/api/evidence/{sha256}")).status_code == 200
        assert (await stranger.get(f"/api/evidence/{sha256}")).status_code == 404
        assert (await stranger.head(f"/api/evidence/{sha256}")).status_code == 404


async def test_half_a_picture_with_an_end_marker_is_refused_and_a_makers_block_is_not(
    dispatcher: httpx.AsyncClient, capfd
) -> None:
    half = await send(dispatcher, (PICTURES / "cut_half_with_eoi.jpg").read_bytes())
    assert (half.status_code, half.json()["reason"]) == (
        422,
        "ends before its last row; cut short?",
    )
    assert "Corrupt JPEG" not in capfd.readouterr().err
    whole = (PICTURES / "whole_with_maker_block.jpg").read_bytes()
    kept = await send(dispatcher, whole)
    assert kept.json() == {
        "sha256": hashlib.sha256(whole).hexdigest(),
        "width": 320,
        "height": 180,
    }
    served = await dispatcher.get(f"/api/evidence/{kept.json()['sha256']}")
    assert served.content == whole
