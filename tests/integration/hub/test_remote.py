"""What devices should run and run, from the registry to the topic and back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hub.db import Connection
from hub.devices.remote import (
    Aspect,
    NewModelRevision,
    NewReport,
    desire_config,
    desire_model,
    remote_of,
    take_reports,
)
from hub.devices.revisions import list_revisions, sweep_revisions
from hub.errors import InvalidInput, NotFound, Unavailable
from hub.journal import Subject, entries_of
from hub.outbox.store import take
from hub.worker.handlers import handle
from hub.worker.inbox_message import InboxMessage
from tests.use_cases import carry_out
from wire import topics
from wire.decode import decode
from wire.messages import DesiredModel, DeviceConfig, ModelState, ReportedModel, ShadowFigures

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
MODEL = NewModelRevision(
    name="street",
    model_version="1.2.0",
    url="http://127.0.0.1/street.tar",
    sha256="ab" * 32,
    signature="c2lnbmVk",
)
SECRET = {"cameras": [{"source": "rtsp://admin:of-this-test-only@127.0.0.1/1"}]}


@pytest.fixture(autouse=True)
async def registry(db: Connection) -> None:
    await db.execute(
        "INSERT INTO district (code, name_zh, name_en, center_lon, center_lat, bounds)"
        " VALUES ('530303', '', '', 103.8, 25.6, '{1,2,3,4}')"
    )
    for device_id, kind in (("E-1", "edges"), ("T-1", "terminals"), ("C-1", "cameras")):
        await db.execute(
            "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
            " VALUES (%s, %s, '', '', %s)",
            (device_id, kind, NOW),
        )


async def test_a_revision_goes_out_retained_on_the_devices_own_topic(db: Connection) -> None:
    assert (
        await carry_out(db, NOW, desire_config, "E-1", {"health_every_s": 5}, by="user:admin") == 1
    )
    assert await carry_out(db, NOW, desire_model, "E-1", MODEL, by="user:admin") == 1
    assert await carry_out(db, NOW, desire_config, "T-1", {}, by="user:admin") == 1
    sent = await take(db, 10)
    assert all(message.retain for message in sent)
    config, model, _ = (decode(topics.parse(one.topic), one.payload) for one in sent)
    assert config == DeviceConfig(version=1, settings={"health_every_s": 5})
    assert isinstance(model, DesiredModel)
    assert (model.version, model.sha256) == (1, MODEL.sha256)


async def test_each_revision_has_the_next_version_and_the_newest_is_kept(db: Connection) -> None:
    versions = [
        await carry_out(db, NOW, desire_config, "E-1", {"n": n}, by="user:admin") for n in range(3)
    ]
    assert versions == [1, 2, 3]
    remote = await remote_of(db, "E-1")
    assert remote.config.desired == DeviceConfig(version=3, settings={"n": 2})
    assert remote.model.desired is None


async def test_what_a_device_reports_is_kept_beside_the_desired_state(db: Connection) -> None:
    await carry_out(db, NOW, desire_model, "E-1", MODEL, by="user:admin")
    refused = ReportedModel(
        version=0,
        name="street",
        model_version="1.1.0",
        sha256="cd" * 32,
        state=ModelState.REFUSED,
        desired_version=1,
        error="version 1: too slow",
    )
    later = NOW + timedelta(seconds=9)
    await carry_out(db, NOW, take_reports, [NewReport("E-1", refused, later)])
    await carry_out(db, NOW, take_reports, [NewReport("E-1", DeviceConfig(version=0), later)])
    remote = await remote_of(db, "E-1")
    assert (remote.model.reported, remote.model.reported_at) == (refused, later)
    assert remote.model.desired is not None
    assert (remote.config.desired, remote.config.reported) == (None, DeviceConfig(version=0))


@pytest.mark.parametrize(
    ("kind", "device_id", "leaf"),
    [("edges", "E-1", "config/reported"), ("terminals", "T-1", "config/reported")],
)
async def test_a_report_that_came_in_is_kept_by_the_worker(
    db: Connection, kind: str, device_id: str, leaf: str
) -> None:
    payload = {"version": 4, "settings": {"n": 1}}
    message = InboxMessage(1, kind, device_id, leaf, "", payload, NOW, 0)
    await carry_out(db, NOW, handle, [message])
    remote = await remote_of(db, device_id)
    assert remote.config.reported == DeviceConfig(version=4, settings={"n": 1})


async def test_reports_of_several_devices_are_kept_at_once(db: Connection) -> None:
    for device_id in ("E-1", "T-1"):
        await carry_out(db, NOW, desire_config, device_id, {"n": 1}, by="user:admin")
    refused = DeviceConfig(version=0, error="n is no setting")
    reports = [
        NewReport("T-1", refused, NOW + timedelta(seconds=2)),
        NewReport("E-1", DeviceConfig(version=1, settings={"n": 1}), NOW + timedelta(seconds=1)),
    ]
    for _ in range(2):
        await carry_out(db, NOW, take_reports, reports)
    assert (await remote_of(db, "T-1")).config.reported == refused
    assert (await remote_of(db, "E-1")).config.reported_at == NOW + timedelta(seconds=1)
    assert await outcomes(db, "T-1") == [(1, "refused", "user:admin")]
    assert await outcomes(db, "E-1") == [(1, "applied", "user:admin")]
    for device_id in ("E-1", "T-1"):
        kinds = [entry.kind for entry in await entries_of(db, Subject.DEVICE, device_id)]
        assert kinds == ["config_desired", "config_reported"]


async def test_who_asked_is_journaled_and_what_for_is_not(db: Connection) -> None:
    await carry_out(db, NOW, desire_config, "E-1", SECRET, by="user:admin")
    (entry,) = await entries_of(db, Subject.DEVICE, "E-1")
    assert (entry.kind, entry.actor, entry.data) == ("config_desired", "user:admin", {"version": 1})


async def test_what_is_news_in_a_report_is_journaled_once(db: Connection) -> None:
    trying = ReportedModel(
        version=0, name="street", model_version="1.1.0", sha256="cd" * 32, desired_version=1
    )
    shadow = trying.model_copy(update={"state": ModelState.SHADOW})
    later = shadow.model_copy(update={"shadow": ShadowFigures(looks=9, of=500)})
    given_up = shadow.model_copy(update={"state": ModelState.REFUSED, "error": "too slow"})
    downloading = trying.model_copy(update={"state": ModelState.DOWNLOADING, "error": "gone"})
    again = downloading.model_copy(update={"error": "gone; next try in 60 s"})
    for report in (downloading, again, shadow, later, given_up, given_up):
        await carry_out(db, NOW, take_reports, [NewReport("E-1", report, NOW)])

    entries = await entries_of(db, Subject.DEVICE, "E-1")

    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("model_reported", "device:E-1")
    ] * 3
    assert [entry.data.get("state") for entry in entries] == ["downloading", "shadow", "refused"]
    assert entries[-1].data["error"] == "too slow"


async def test_strangers_and_devices_without_such_a_topic_are_refused(db: Connection) -> None:
    with pytest.raises(NotFound):
        await carry_out(db, NOW, desire_config, "E-9", {}, by="user:admin")
    with pytest.raises(InvalidInput, match="cameras do not take a config"):
        await carry_out(db, NOW, desire_config, "C-1", {}, by="user:admin")
    with pytest.raises(InvalidInput, match="terminals do not take a model"):
        await carry_out(db, NOW, desire_model, "T-1", MODEL, by="user:admin")
    with pytest.raises(NotFound):
        await remote_of(db, "E-9")


async def test_a_revision_that_the_wire_cannot_carry_is_refused(db: Connection) -> None:
    with pytest.raises(InvalidInput, match="147456"):
        await carry_out(db, NOW, desire_config, "E-1", {"text": "x" * 150_000}, by="user:admin")
    with pytest.raises(InvalidInput, match="NUL"):
        await carry_out(db, NOW, desire_config, "E-1", {"text": "\0"}, by="user:admin")


async def test_without_a_district_there_is_no_topic(db: Connection) -> None:
    await db.execute("DELETE FROM district")
    with pytest.raises(Unavailable, match="district"):
        await carry_out(db, NOW, desire_config, "E-1", {}, by="user:admin")
    assert json.dumps(await take(db, 1)) == "[]"


async def outcomes(db: Connection, device_id: str = "E-1") -> list[tuple[int, str, str]]:
    found, _ = await list_revisions(db, device_id, Aspect.CONFIG, None, 10)
    return [(each.version, each.outcome, each.asked_by) for each in found]


async def test_every_version_is_kept_with_who_asked_and_what_became_of_it(db: Connection) -> None:
    await carry_out(db, NOW, desire_config, "E-1", {"n": 1}, by="user:admin")
    await carry_out(db, NOW, desire_config, "E-1", {"n": 2}, by="user:admin")
    await carry_out(
        db,
        NOW,
        take_reports,
        [NewReport("E-1", DeviceConfig(version=2, settings={"n": 2}), NOW)],
    )
    await carry_out(db, NOW, desire_config, "E-1", {"n": 2, "m": 0}, by="user:second")
    later = NOW + timedelta(seconds=9)
    await carry_out(
        db,
        NOW,
        take_reports,
        [NewReport("E-1", DeviceConfig(version=2, error="version 3: m is too small"), later)],
    )
    assert await outcomes(db) == [
        (3, "refused", "user:second"),
        (2, "applied", "user:admin"),
        (1, "superseded", "user:admin"),
    ]
    page, next_before = await list_revisions(db, "E-1", Aspect.CONFIG, None, 2)
    assert [(each.changed, each.error) for each in page] == [
        (("m",), "version 3: m is too small"),
        (("n",), None),
    ]
    assert page[0].settled_at == later
    assert next_before == 2


async def test_who_is_online_and_does_not_answer_is_given_up_once_and_may_still_answer(
    db: Connection,
) -> None:
    await carry_out(db, NOW, desire_config, "T-1", {"interval_s": 5}, by="user:admin")
    await db.execute("UPDATE device SET presence = 'online'")
    assert await carry_out(db, NOW + timedelta(seconds=119), sweep_revisions) == 0
    assert await carry_out(db, NOW + timedelta(seconds=120), sweep_revisions) == 1
    assert await carry_out(db, NOW + timedelta(seconds=180), sweep_revisions) == 0
    assert await outcomes(db, "T-1") == [(1, "timed_out", "user:admin")]
    entries = await entries_of(db, Subject.DEVICE, "T-1")
    assert (entries[-1].kind, entries[-1].data) == ("config_timed_out", {"version": 1})
    await carry_out(
        db,
        NOW,
        take_reports,
        [NewReport("T-1", DeviceConfig(version=1), NOW + timedelta(hours=1))],
    )
    assert await outcomes(db, "T-1") == [(1, "applied", "user:admin")]


async def test_who_is_away_is_waited_for_for_a_week(db: Connection) -> None:
    await carry_out(db, NOW, desire_config, "T-1", {"interval_s": 5}, by="user:admin")
    assert await carry_out(db, NOW + timedelta(days=6), sweep_revisions) == 0
    assert await carry_out(db, NOW + timedelta(days=7), sweep_revisions) == 1
