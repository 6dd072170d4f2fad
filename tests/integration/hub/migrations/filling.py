"""What the story of the demo leaves empty, put there from outside: by HTTP, by MQTT, and at last by SQL."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import cv2
import httpx
import numpy as np
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from deploy.local.stack import DISTRICT, HUB_USER, Stack
from deploy.local.story import ASSET

Json = dict[str, object]
Place = tuple[float, float]
WITHIN_S = 400.0
"""Telemetry is rolled up every five minutes."""


def until(found: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Return once it is found. Raises TimeoutError."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        pause.wait(0.5)


class Person(httpx.Client):
    """Somebody at the console."""

    def __init__(self, stack: Stack, username: str, password: str) -> None:
        super().__init__(base_url=stack.url, timeout=30, trust_env=False)
        answer = self.post("/api/session", json={"username": username, "password": password})
        self.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"
        self.cookies.clear()

    def ask(self, method: str, path: str, **how: object) -> Json:
        answer = self.request(method, f"/api{path}", **how)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.json() if answer.content else {}

    def move(self, case_id: int, event: str, **facts: object) -> Json:
        """A step of a case."""
        version = self.ask("GET", f"/cases/{case_id}")["version"]
        step = {"event": event, "version": version, **facts}
        return self.ask("POST", f"/cases/{case_id}/transitions", json=step)


class Devices:
    """Says what devices say, by the hub's own log-in, which may write everywhere."""

    def __init__(self, stack: Stack) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2, f"filling-{uuid4()}", protocol=MQTTv5)
        self._client.username_pw_set(HUB_USER, stack.hub_password)
        self._client.connect("127.0.0.1", stack.broker.port)
        self._client.loop_start()

    def say(self, device_id: str, leaf: str, payload: object) -> None:
        topic = f"patrol/v1/{DISTRICT}/terminals/{device_id}/{leaf}"
        data = payload if isinstance(payload, str) else json.dumps(payload)
        self._client.publish(topic, data, qos=1).wait_for_publish(30)

    def report(self, device_id: str, **facts: object) -> None:
        """A report of a terminal."""
        now = datetime.now(UTC).isoformat()
        event = {"event_id": str(uuid4()), "type": "report", "observed_at": now, **facts}
        self.say(device_id, "events", event)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def fill_by_people(stack: Stack, people: dict[str, Person]) -> None:
    """Fences, wishes, failed log-ins, orders to many, and a case in each state."""
    admin, dispatcher = people["admin"], people["dispatcher"]
    wrong = {"username": "seat", "password": "not the password"}
    httpx.post(f"{stack.url}/api/session", json=wrong, trust_env=False)
    _draw_fences(admin)
    for device_id, wish in (
        ("T-0001", {"interval_s": 5}),
        ("T-0002", {"interval_s": 6}),
        ("T-0002", {"unknown": "refused"}),
    ):
        admin.ask("PUT", f"/devices/{device_id}/config", json={"settings": wish})
    model = {"name": "street", "model_version": "9.9", "url": "http://127.0.0.1:9/street.tar"}
    model |= {"sha256": "0" * 64, "signature": "not signed"}
    admin.ask("PUT", "/devices/E-01/model", json=model)
    for quorum, text in ((1, "请注意防范暴雨"), (0, "请回村值守")):
        order = {"type": "message", "body": {"text": text}, "quorum": quorum}
        order["selection"] = {"device_ids": ["T-0001", "T-0002", "T-0003"]}
        dispatcher.ask("POST", "/command-groups", json=order)
    _file_cases(stack, people)


def _draw_fences(admin: Person) -> None:
    ring = [[103.0, 25.0], [105.0, 25.0], [105.0, 26.5], [103.0, 26.5], [103.0, 25.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    features = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": {"geofence_id": name, "name_zh": "学校", "settle_s": 0, "dwell_s": 5},
        }
        for name in ("school", "reservoir")
    ]
    drawing = json.dumps({"type": "FeatureCollection", "features": features})
    admin.ask("POST", "/geofences", files={"file": ("fences.geojson", drawing)})
    admin.ask("DELETE", "/geofences/reservoir")


def _file_cases(stack: Stack, people: dict[str, Person]) -> None:
    """Cases by hand that end in different states."""
    operator, unit, supervisor = people["dispatcher"], people["housing"], people["supervisor"]
    covers = _covers_of_housing(stack)
    photo = _photo(operator, 1, {})

    def filed(at: Place | None = None) -> int:
        lon, lat = at or next(covers)
        body: Json = {"item_key": "manhole_cover", "cond_key": "rattling", "text": "井盖松动"}
        body["evidence"] = [photo]
        body["place"] = {"lon": lon, "lat": lat, "error_m": 3.0}
        return int(str(operator.ask("POST", "/cases", json=body)["case_id"]))

    def signed(at: Place | None = None) -> int:
        case_id = filed(at)
        unit.move(case_id, "sign", person="抢修班组", plan="更换井盖")
        return case_id

    routed = filed()
    operator.move(filed(), "merge", into=routed)
    operator.move(filed(), "void", reason="重复上报")
    unit.move(filed(), "return", reason="不属于我单位")
    studied = filed()
    unit.move(studied, "return", reason="权属不清")
    operator.move(studied, "refer_study", units=["housing_bureau", "sanitation"])
    operator.move(filed(), "escalate", cond_key="missing_or_hazard")
    supervisor.move(signed(), "extend", reason="连日暴雨")
    until_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    supervisor.move(signed(), "suspend", reason="等待配件", until=until_at)
    lon, lat = next(covers)
    checked = signed((lon, lat))
    taken_at = datetime.now(UTC).isoformat()
    repaired = _photo(unit, 2, {"taken_at": taken_at, "lon": lon, "lat": lat})
    unit.move(checked, "feedback", text="已更换井盖", evidence=[repaired])
    until(
        lambda: operator.ask("GET", f"/cases/{checked}")["state"] == "VERIFYING",
        "a repair that waits for a person",
    )


def _photo(person: Person, seed: int, facts: Json) -> object:
    """The hash of a photo that somebody has sent."""
    blobs = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    jpeg = cv2.imencode(".jpg", cv2.resize(blobs, (320, 240), interpolation=cv2.INTER_CUBIC))[1]
    return person.ask("POST", "/evidence", files={"file": jpeg.tobytes()}, data=facts)["sha256"]


def _covers_of_housing(stack: Stack) -> Iterator[Place]:
    """Places of covers that are far from each other and from the story's."""
    features = json.loads((stack.district_folder / "assets.geojson").read_text())["features"]
    taken: list[Place] = []
    for feature in features:
        facts, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"]
        apart = all(abs(lon - x) + abs(lat - y) > 0.001 for x, y in taken)
        if (
            facts["owner_unit"] == "housing_bureau"
            and facts["type"].startswith("manhole")
            and apart
        ):
            taken.append((lon, lat))
            if facts["asset_id"] != ASSET:
                yield lon, lat


def fill_by_devices(stack: Stack, people: dict[str, Person]) -> None:
    """Reports that wait, a low battery, letters that nobody can read."""
    devices, operator = Devices(stack), people["dispatcher"]
    places = _covers_of_housing(stack)
    try:
        for text in ("井盖有异响", "井盖破损，请处理", "误报", "路面有积水"):
            lon, lat = next(places)
            place = {"lon": lon, "lat": lat, "accuracy_m": 5.0}
            devices.report("T-0003", text=text, place=place)
        now = datetime.now(UTC).isoformat()
        sample: Json = {"boot_id": "low-battery", "seq": 1, "observed_at": now, "battery": 4.0}
        devices.say("T-0006", "telemetry", [sample | {"lon": 103.82, "lat": 25.6}])
        low = {"event_id": str(uuid4()), "type": "low_battery", "observed_at": now}
        devices.say("T-0006", "events", low)
        devices.say("T-0004", "telemetry", "no JSON")
        devices.say("T-0004", "telemetry", [{"lon": 400}])
        devices.say("T-9999", "telemetry", [sample | {"lon": 103.82, "lat": 25.6}])
    finally:
        devices.close()
    waiting = "/signals/waiting"
    until(lambda: len(operator.ask("GET", waiting)["items"]) >= 4, "four reports that wait")  # type: ignore[arg-type]
    reports = [
        signal
        for signal in operator.ask("GET", waiting)["items"]  # type: ignore[attr-defined]
        if signal["type"] == "report"
    ]
    what = {"item_key": "manhole_cover", "cond_key": "broken"}
    accepted = operator.ask("POST", f"/signals/{reports[0]['signal_id']}/accept", json=what)
    into = {"case_id": accepted["case_id"]}
    operator.ask("POST", f"/signals/{reports[1]['signal_id']}/join", json=into)
    why = {"reason": "false_positive"}
    operator.ask("POST", f"/signals/{reports[2]['signal_id']}/reject", json=why)
