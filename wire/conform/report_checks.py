"""What a device sends on its own: samples, an SOS by hand; and the form of everything that came."""

from datetime import UTC, datetime
from itertools import pairwise

from wire.conform.played_hub import HeardMessage
from wire.conform.trial import Trial
from wire.families import BY_LEAF
from wire.limits import CLOCK_AHEAD_S
from wire.messages import EventType, Sample, TerminalEvent, TerminalStatus
from wire.topics import Kind, Leaf

_POSITIONS, _EVIDENCE, _TOPICS = "Positions", "Evidence", "Topics"


def check_telemetry(trial: Trial) -> None:
    """Samples come, numbered, under the boot_id of the birth, by a clock that is right."""
    if trial.hub.tested.kind is not Kind.TERMINAL:
        return
    wanted = 3
    trial.hub.wait(lambda: len(_samples(trial)) >= wanted, trial.limits.samples_s)
    samples = _samples(trial)
    if not samples:
        found = f"no samples within {trial.limits.samples_s:g} s"
        trial.fails("positions", found, _POSITIONS)
        return
    good = f"{len(samples)} samples, in order"
    trial.judge("positions", _numbering_fault(trial, samples), good, _POSITIONS)
    skew = (samples[-1].observed_at - datetime.now(UTC)).total_seconds()
    fault = ""
    if abs(skew) > CLOCK_AHEAD_S:
        fault = (
            f"observed_at is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}: set the clock"
        )
    trial.judge("clock", fault, f"{skew:+.1f} s against this computer's", _POSITIONS)


def _samples(trial: Trial) -> list[Sample]:
    return [
        sample
        for each in trial.hub.since(0, Leaf.TELEMETRY)
        if isinstance(each.decoded, list)
        for sample in each.decoded
    ]


def _numbering_fault(trial: Trial, samples: list[Sample]) -> str:
    births = [each.decoded for each in trial.hub.since(0, Leaf.STATUS)]
    boots = {birth.boot_id for birth in births if isinstance(birth, TerminalStatus)}
    for sample in samples:
        if boots and sample.boot_id not in boots:
            return f"boot_id {sample.boot_id!r} is not the one of the birth"
    for before, after in pairwise(samples):
        if before.boot_id == after.boot_id and after.seq <= before.seq and after != before:
            return f"seq {after.seq} came after {before.seq}: it must grow, and none is used twice"
    return ""


def check_sos(trial: Trial) -> None:
    """An SOS, if somebody is there to press the button."""
    if trial.hub.tested.kind is not Kind.TERMINAL:
        return
    if not trial.options.by_hand:
        trial.skips("SOS", "needs --by-hand, and somebody who presses the button", _EVIDENCE)
        return
    mark = trial.hub.mark()
    trial.tell(f"Raise an SOS on the device now; {trial.limits.person_s:g} s are left.")

    def alarms() -> list[HeardMessage]:
        return [
            each
            for each in trial.hub.since(mark, Leaf.EVENTS)
            if isinstance(each.decoded, TerminalEvent) and each.decoded.type is EventType.SOS
        ]

    came = trial.hub.wait(alarms, trial.limits.person_s)
    broken = [each for each in trial.hub.since(mark, Leaf.EVENTS) if each.fault]
    fault = "" if came else f"no SOS came within {trial.limits.person_s:g} s"
    if not came and broken:
        fault = broken[0].fault
    trial.judge("SOS", fault, "it came, and is whole", _EVIDENCE)


def check_form(trial: Trial) -> None:
    """Nothing that came during the trial would be refused; QoS and retain flag are as they must be."""
    heard = trial.hub.heard
    broken = [each for each in heard if each.fault]
    fault = ""
    if broken:
        first = broken[0]
        fault = f"{len(broken)} of {len(heard)} would be refused; the first, on {first.topic}: "
        fault += first.fault
    trial.judge("payloads", fault, f"all {len(heard)} messages are valid", "Limits")
    wrong = next((text for each in heard if (text := _delivery_fault(each))), "")
    trial.judge("QoS and retained", wrong, "as the table of topics says", _TOPICS)


def _delivery_fault(each: HeardMessage) -> str:
    """The broker passes on the last will and everything else with the flags that they were sent with."""
    family = None if each.address is None else BY_LEAF.get((each.address.kind, each.address.leaf))
    if family is None:
        return ""
    if each.qos != family.qos:
        return f"{each.topic}: QoS {each.qos}, and must be {family.qos}"
    if each.retain and not family.retain:
        return f"{each.topic}: retained, and must not be"
    if family.retain and not each.retain:
        return f"{each.topic}: not retained, and must be"
    return ""
