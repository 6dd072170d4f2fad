"""Birth, last will, take-over, and what a device does at the hub's birth."""

from collections.abc import Sequence

from wire.conform.played_hub import HeardMessage, take_over
from wire.conform.trial import Trial
from wire.messages import CameraStatus, EdgeStatus, TerminalStatus
from wire.messages.status import Link
from wire.topics import Leaf

_BIRTH, _SEND_AGAIN = "Birth and last will", "Twice, late, out of order, or never"
_Status = TerminalStatus | CameraStatus | EdgeStatus


def check_birth(trial: Trial) -> None:
    """The device is there, and its retained birth is whole."""
    check = "birth"
    trial.hub.be_born()
    if not trial.hub.wait(lambda: trial.hub.since(0, Leaf.STATUS), trial.limits.device_s):
        stored = trial.hub.stored(Leaf.STATUS)
        if stored is None:
            found = "no status came within {:g} s of the hub's birth: is the device connected?"
            trial.fails(check, found.format(trial.limits.device_s), _BIRTH)
            return
        found = stored.fault or "the birth was not published again at the hub's birth"
        trial.fails(check, found, _BIRTH)
        return
    stored = trial.hub.stored(Leaf.STATUS)
    trial.judge(check, _birth_fault(stored), "published at the hub's birth, and retained", _BIRTH)


def _birth_fault(stored: HeardMessage | None) -> str:
    if stored is None:
        return "the birth is not retained: a hub that starts later never sees it"
    if stored.fault:
        return stored.fault
    if not isinstance(stored.decoded, _Status) or stored.decoded.state is not Link.ONLINE:
        return "the retained status of a connected device must say online"
    if stored.decoded.at is None or stored.decoded.firmware is None:
        return "the birth must say `at` and `firmware`"
    return ""


def check_resend(trial: Trial) -> None:
    """At the hub's birth the device sends again what it sent within the last 120 s."""
    check, wanted = "send again at the hub's birth", (Leaf.ACKS, Leaf.EVENTS, Leaf.CONFIG_REPORTED)
    recent = {(each.topic, each.payload) for each in trial.hub.since(0, *wanted) if not each.fault}
    if not recent:
        trial.skips(check, "the device sent no answers or events before", _SEND_AGAIN)
        return
    mark = trial.hub.mark()
    trial.hub.be_born()

    def missing() -> set[tuple[str, bytes]]:
        return recent - {(each.topic, each.payload) for each in trial.hub.since(mark, *wanted)}

    came = trial.hub.wait(lambda: len(missing()) < len(recent), trial.limits.device_s)
    trial.hub.wait(lambda: not missing(), 2.0 if came else 0.0)
    fault = "" if came else "nothing of what it sent recently came again, byte for byte"
    again = len(recent) - len(missing())
    trial.judge(check, fault, f"{again} of {len(recent)} messages came again", _SEND_AGAIN)


def check_last_will(trial: Trial) -> None:
    """Cut off without a word, its last will appears; then it comes back with a birth."""
    if trial.line is None:
        why = "needs --line: the device connects through this computer, which cuts the line once"
        trial.skips("last will", why, _BIRTH)
        return
    mark = trial.hub.mark()
    if not trial.line.cut():
        trial.fails("last will", "the device is not connected through the port of --line", _BIRTH)
        return
    came = trial.hub.wait(lambda: _said(trial, mark, Link.OFFLINE), trial.limits.device_s)
    fault = "" if came else "no last will appeared when the line was cut"
    if came and not _said(trial, mark, Link.OFFLINE)[0].retain:
        fault = "the last will must be retained"
    trial.judge("last will", fault, "offline, and retained", _BIRTH)
    _check_return(trial, "comes back after a cut", mark)


def check_takeover(trial: Trial) -> None:
    """When another client takes its id, the device comes back by itself."""
    check = "comes back after a take-over"
    if trial.hub.tested.password is None:
        why = "needs --device-password-file, to log in once under the device's id"
        trial.skips(check, why, _BIRTH)
        return
    mark = trial.hub.mark()
    take_over(trial.hub.access, trial.hub.tested)
    _check_return(trial, check, mark)


def _check_return(trial: Trial, check: str, mark: int) -> None:
    """A birth after the mark, under the boot_id that it had, for it did not start anew."""
    before = {status.boot_id for status in _statuses(trial.hub.heard[:mark])}
    back = trial.hub.wait(lambda: _said(trial, mark, Link.ONLINE), trial.limits.returns_s)
    fault = "" if back else f"no new birth within {trial.limits.returns_s:g} s"
    after = {status.boot_id for status in _statuses(_said(trial, mark, Link.ONLINE))}
    if back and before and not before & after:
        fault = "its boot_id changed, though it did not start anew"
    trial.judge(check, fault, "a new birth, under the same boot_id", _BIRTH)


def _said(trial: Trial, mark: int, state: Link) -> list[HeardMessage]:
    return [
        each
        for each in trial.hub.since(mark, Leaf.STATUS)
        if isinstance(each.decoded, _Status) and each.decoded.state is state
    ]


def _statuses(uplinks: Sequence[HeardMessage]) -> list[_Status]:
    return [each.decoded for each in uplinks if isinstance(each.decoded, _Status)]
