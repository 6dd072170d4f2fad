"""The story, step by step; a step counts only once it was seen from outside, over MQTT and HTTP.

The check plays the dispatcher and the unit's handler. The simulator plays cameras, terminals and their
holders; the hub and the edge node do everything else themselves.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from deploy.local.api_user import ApiUser, Json
from deploy.local.observer import ObservedMessage, Observer
from deploy.local.viewer import watch
from wire.families import BY_LEAF
from wire.messages import Ack, Detection
from wire.topics import Kind, Leaf

CAMERAS = ("C-001", "C-002")
REPORTER = "T-0002"
ASSET = "A-0172"
GENESIS = "0" * 64


class StepMissing(RuntimeError):
    """A step was not seen; `step` is its name, and the message says what was expected."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(reason)
        self.step = step
        self.reason = reason


@dataclass
class StoryStep:
    """One step, and what was seen of it."""

    name: str
    seen: str
    after_s: float


@dataclass
class Story:
    """Walks through the story; `broke_at` is when the simulator broke the cover, once it has."""

    observer: Observer
    dispatcher: ApiUser
    handler: ApiUser
    broke_at: Callable[[float], datetime | None]
    now: Callable[[], datetime]
    on_step: Callable[[StoryStep], None]
    steps: list[StoryStep] = field(default_factory=list)
    latency_ms: dict[str, float] = field(default_factory=dict)
    _began_at: datetime | None = None
    _frame_at: datetime | None = None

    def play(self) -> None:
        """Play every step in order. Raises StepMissing for the first that is not seen."""
        case, guard = self.play_until_guarded()
        self._live_video(case, guard)
        self._repaired_and_checked(case)
        self._closed_and_replayed(case)

    def play_until_guarded(self) -> tuple[Json, str]:
        """The first half, which needs nobody at a screen; returns the case, and the terminal that guards."""
        self._began_at = self.now()
        self._frame_shows_a_broken_cover()
        self._edge_confirms_it()
        case = self._one_case_from_three_witnesses()
        case = self._routed_with_a_deadline(case)
        return case, self._nearest_terminal_guards(case)

    def _done(self, name: str, seen: str) -> None:
        assert self._began_at is not None
        step = StoryStep(name, seen, round((self.now() - self._began_at).total_seconds(), 2))
        self.steps.append(step)
        self.on_step(step)

    def _frame_shows_a_broken_cover(self) -> None:
        name = "frame_shows_broken_cover"
        broke_at = self.broke_at(60)
        if broke_at is None:
            raise StepMissing(name, "the simulator broke no cover within 60 s")

        def shows(seen: ObservedMessage) -> bool:
            taken_at = seen.frame_at or seen.seen_at
            return seen.address.device_id in CAMERAS and taken_at >= broke_at

        frame = self.observer.first(Leaf.FRAMES, shows, within_s=20)
        if frame is None or not frame.payload.startswith(b"\xff\xd8"):
            raise StepMissing(name, f"no JPEG frame of {CAMERAS} came after the cover broke")
        self._frame_at = frame.frame_at or frame.seen_at
        size = f"{len(frame.payload) // 1024} KiB"
        self._done(name, f"{frame.address.device_id} published a frame of {size}")

    def _edge_confirms_it(self) -> None:
        name = "edge_confirms_detection"

        def confirms(seen: ObservedMessage) -> bool:
            detection = _detection(seen)
            return detection.type == "new" and detection.label.startswith("manhole_")

        seen = self.observer.first(Leaf.DETECTIONS, confirms, within_s=60)
        if seen is None:
            raise StepMissing(name, "no edge node published a new manhole detection within 60 s")
        found = _detection(seen)
        if found.hits < 2:
            raise StepMissing(name, f"the detection was published after {found.hits} frame")
        if found.evidence is None or not self._has_photo(found.evidence):
            raise StepMissing(name, "the detection names no evidence that was published")
        self._done(
            name,
            f"{found.model.name} {found.model.version}: {found.label} {found.score:.2f}"
            f" over {found.hits} looks",
        )

    def _has_photo(self, sha256: str) -> bool:
        photo = self.observer.first(Leaf.EVIDENCE, lambda s: s.address.tail == sha256, within_s=10)
        return photo is not None and hashlib.sha256(photo.payload).hexdigest() == sha256

    def _one_case_from_three_witnesses(self) -> Json:
        name = "exactly_one_case"
        wanted = {*CAMERAS, REPORTER}

        def complete() -> Json | None:
            for summary in self.dispatcher.get("/api/cases", open=True)["items"]:
                case = self.dispatcher.get(f"/api/cases/{summary['case_id']}")
                if wanted <= _witnesses(case):
                    return case
            return None

        case = self.dispatcher.until(complete, within_s=90)
        cases = self.dispatcher.get("/api/cases", open=True)["items"]
        if case is None or len(cases) != 1:
            raise StepMissing(
                name, f"not one case with {sorted(wanted)}, but {[self._outline(c) for c in cases]}"
            )
        assert self._frame_at is not None
        filed_at = datetime.fromisoformat(case["filed_at"])
        self.latency_ms["frame_to_case"] = _ms(self._frame_at, filed_at)
        count = len(case["signals"])
        self._done(name, f"{case['case_no']} joins {count} signals of {len(wanted)} witnesses")
        return case

    def _outline(self, summary: Json) -> str:
        case = self.dispatcher.get(f"/api/cases/{summary['case_id']}")
        what = f"{case['case_no']} {case['item_key']}/{case['cond_key']} at {case['asset_id']}"
        return f"{what} by {sorted(_witnesses(case))}"

    def _routed_with_a_deadline(self, case: Json) -> Json:
        name = "routed_with_deadline"
        if case["lead_unit"] is None or case["due_at"] is None:
            raise StepMissing(name, f"lead unit {case['lead_unit']}, deadline {case['due_at']}")
        if not case["why"]:
            raise StepMissing(name, "no reason of the routing is recorded")
        if case["asset_id"] != ASSET:
            raise StepMissing(name, f"the asset is {case['asset_id']}, not {ASSET}")
        if datetime.fromisoformat(case["due_at"]) <= datetime.fromisoformat(case["routed_at"]):
            raise StepMissing(name, "the deadline is not after the routing")
        codes = ", ".join(reason["code"] for reason in case["why"])
        self._done(name, f"{case['lead_unit']} until {case['due_at']} because {codes}")
        return case

    def _nearest_terminal_guards(self, case: Json) -> str:
        name = "nearest_terminal_accepts"
        case_id = case["case_id"]

        def guarded() -> Json | None:
            commands = self.dispatcher.get("/api/commands", case_id=case_id)["items"]
            return next((c for c in commands if c["type"] == "guard" and c["accepted_at"]), None)

        command = self.dispatcher.until(guarded, within_s=180)
        if command is None:
            commands = self.dispatcher.get("/api/commands", case_id=case_id)["items"]
            states = [(c["device_id"], c["type"], c["state"]) for c in commands]
            raise StepMissing(name, f"no guard was accepted; commands: {states}")
        command_id = command["command_id"]
        order = self._of_command(Leaf.COMMANDS, command_id, None)
        delivered = self._of_command(Leaf.ACKS, command_id, "delivered")
        accepted = self._of_command(Leaf.ACKS, command_id, "accepted")
        if order is None or delivered is None or accepted is None:
            raise StepMissing(name, f"the messages of command {command_id} were not all seen")
        if order.address.device_id != command["device_id"]:
            raise StepMissing(name, "the command went to another terminal than the hub says")
        filed_at = datetime.fromisoformat(case["filed_at"])
        self.latency_ms["case_to_delivered"] = _ms(filed_at, delivered.seen_at)
        self._done(name, f"{command['device_id']} got the command and its holder accepted")
        return str(command["device_id"])

    def _of_command(self, leaf: Leaf, command_id: str, state: str | None) -> ObservedMessage | None:
        def fits(seen: ObservedMessage) -> bool:
            if seen.address.tail != command_id:
                return False
            return state is None or _ack(seen).state == state

        return self.observer.first(leaf, fits, within_s=10)

    def _live_video(self, case: Json, device_id: str) -> None:
        name = "live_video_plays"
        session = self.dispatcher.post(
            "/api/video/sessions", {"device_id": device_id, "case_id": case["case_id"]}
        )
        path = f"/api/video/sessions/{session['session_id']}"

        def live() -> Json | None:
            now = self.dispatcher.get(path)
            return now if now["state"] != "requested" else None

        now = self.dispatcher.until(live, within_s=40)
        if now is None or now["state"] != "live":
            raise StepMissing(name, f"the video session became {now and now['state']}, not live")
        view = self.dispatcher.post(f"{path}/view")
        watched = asyncio.run(
            watch(self.dispatcher.absolute(view["whep_url"]), view["token"], frames=12, within_s=20)
        )
        if watched.frames < 12 or watched.changed < 3:
            raise StepMissing(name, f"{watched.frames} frames, {watched.changed} of them new")
        self.dispatcher.delete(path)
        size = f"{watched.width}x{watched.height}"
        self._done(
            name, f"{device_id}: {watched.frames} frames of {size}, {watched.changed} changed"
        )

    def _repaired_and_checked(self, case: Json) -> None:
        name = "repair_photo_checked"
        case_id = case["case_id"]
        self._move(self.handler, case_id, "sign", person="抢修班组", plan="更换井盖")
        photo = self._task_done(name, case_id)
        self._move(self.handler, case_id, "feedback", text="已更换井盖", evidence=[photo])

        def verdict() -> Json | None:
            for evidence in self.dispatcher.get(f"/api/cases/{case_id}")["evidence"]:
                if evidence["sha256"] == photo and evidence["kind"] == "repair":
                    return evidence if evidence["verdict"] else None
            return None

        found = self.dispatcher.until(verdict, within_s=60)
        if found is None:
            raise StepMissing(name, "the model gave no verdict on the repair photo")
        facts = found["verdict_facts"]
        if found["verdict"] != "fixed":
            raise StepMissing(name, f"the model says {found['verdict']}: {facts}")
        self._done(name, f"photo {photo[:12]}: {found['verdict']}, {facts.get('label')}")

    def _task_done(self, step: str, case_id: int) -> str:
        """Dispatch the first candidate; returns the hash of the photo once the hub knows of it."""
        candidates = self.dispatcher.get(f"/api/cases/{case_id}/candidates", type="dispatch")
        if not candidates["items"]:
            raise StepMissing(step, "nobody can be dispatched")
        task = self.dispatcher.post(
            "/api/commands",
            {
                "device_id": candidates["items"][0]["device_id"],
                "type": "dispatch",
                "case_id": case_id,
                "recommendation_id": candidates["recommendation_id"],
            },
        )
        photo = self._repair_photo(step, str(task["command_id"]))

        def succeeded() -> Json | None:
            now = self.dispatcher.get(f"/api/commands/{task['command_id']}")
            return now if now["state"] == "succeeded" else None

        if self.dispatcher.until(succeeded, within_s=20) is None:
            raise StepMissing(step, "the hub did not record that the task is done")
        return photo

    def _repair_photo(self, step: str, command_id: str) -> str:
        done = self.observer.first(
            Leaf.ACKS,
            lambda s: s.address.tail == command_id and _ack(s).state in ("succeeded", "failed"),
            within_s=240,
        )
        if done is None or _ack(done).state != "succeeded":
            raise StepMissing(step, f"task {command_id} did not succeed")
        result = _ack(done).result
        if result is None or not result.evidence or not self._has_photo(result.evidence[0]):
            raise StepMissing(step, "the task's result names no photo that was published")
        return result.evidence[0]

    def _closed_and_replayed(self, case: Json) -> None:
        name = "closed_and_replayed"
        case_id = case["case_id"]
        self._move(self.dispatcher, case_id, "pass", reason="现场已修复")
        closed = self.dispatcher.get(f"/api/cases/{case_id}")
        if closed["state"] != "CLOSED":
            raise StepMissing(name, f"the case is {closed['state']}")
        journal = self.dispatcher.get(f"/api/cases/{case_id}/journal")
        if not (journal["chain_ok"] and journal["replay_matches"]):
            raise StepMissing(name, "the hub's own replay does not match")
        links = [entry["prev_hash"] for entry in journal["items"]]
        if links != [GENESIS, *(entry["hash"] for entry in journal["items"])][: len(links)]:
            raise StepMissing(name, "the journal's chain does not hold")
        states = [entry["to_state"] for entry in journal["items"] if entry["to_state"]]
        if states[-1] != "CLOSED" or journal["replayed_state"] != "CLOSED":
            raise StepMissing(name, f"the journal ends in {states[-1]}")
        self._done(name, f"{len(links)} entries replay to CLOSED: {' > '.join(states)}")

    def _move(self, who: ApiUser, case_id: int, event: str, **facts: object) -> Json:
        """A transition by a person, with the version that they see."""
        version = who.get(f"/api/cases/{case_id}")["version"]
        return who.post(
            f"/api/cases/{case_id}/transitions", {"event": event, "version": version, **facts}
        )


def _detection(seen: ObservedMessage) -> Detection:
    decoded = _payload(Kind.EDGE, Leaf.DETECTIONS, seen)
    assert isinstance(decoded, Detection)
    return decoded


def _ack(seen: ObservedMessage) -> Ack:
    decoded = _payload(Kind.TERMINAL, Leaf.ACKS, seen)
    assert isinstance(decoded, Ack)
    return decoded


def _payload(kind: Kind, leaf: Leaf, seen: ObservedMessage) -> object:
    adapter = BY_LEAF[kind, leaf].payload
    assert adapter is not None
    return adapter.validate_json(seen.payload)


def _witnesses(case: Json) -> set[str]:
    """The cameras and terminals whose signals a case joins."""
    return {signal.get("camera_id") or signal["device_id"] for signal in case["signals"]}


def _ms(first: datetime, then: datetime) -> float:
    return round((then - first).total_seconds() * 1000, 1)


def result_line(story: Story, missing: StepMissing | None, **facts: object) -> str:
    """The check's last line."""
    result: Json = {
        "ok": missing is None,
        "steps": [{"name": s.name, "seen": s.seen, "after_s": s.after_s} for s in story.steps],
        "latency_ms": story.latency_ms,
        **facts,
    }
    if missing is not None:
        result["missing"] = {"step": missing.step, "reason": missing.reason}
    return json.dumps(result, ensure_ascii=False)
