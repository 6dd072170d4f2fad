"""Commands: every type, an unknown one, a repeat, and one that has expired."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import uuid4

from wire.conform.answers import distinct, ended, fault_of, in_words, underway
from wire.conform.orders import TrialOrder, disturbing_orders, orders_for
from wire.conform.played_hub import HeardMessage
from wire.conform.trial import Trial
from wire.conform.whip_ear import whip_ear
from wire.messages import Ack, AckState, CommandType, DeviceConfig
from wire.topics import Kind, Leaf

_COMMANDS, _STATE = "Commands", "Desired and reported state"
_QUIET_S = 3.0
"""How long nothing more may come after an end."""


def check_commands(trial: Trial) -> None:
    """Every command type of this kind of device, one after another."""
    tested = trial.hub.tested
    with whip_ear(trial.options.whip_host) as ear:
        for order in orders_for(tested.kind, trial.options.place, ear.url):
            _check_order(trial, order)
            if order.type is CommandType.VIDEO_START and ear.requests:
                good = "a POST with the token and an offer with video"
                rule = "RFC 9725, 4.2"
                trial.judge("WHIP request", ear.requests[0].fault(), good, rule)
    for order in disturbing_orders() if tested.kind is Kind.TERMINAL else ():
        if trial.options.disturb:
            _check_order(trial, order)
        else:
            trial.skips(f"command {order.type}", "needs --disturb", _COMMANDS)


def _check_order(trial: Trial, order: TrialOrder) -> None:
    check = f"command {order.type}"
    if trial.lacks(order.needs):
        trial.skips(check, f"the birth has no capability {order.needs}", _COMMANDS)
        return
    if order.asks_person and trial.options.by_hand:
        trial.tell(f"A {order.type} is sent: accept it, and finish it.")
    mark = trial.hub.mark()
    answers, fault = _carried_out(trial, order, order.document())
    good = in_words(answers)
    if not fault and order.type is CommandType.SNAPSHOT:
        fault = _photo_fault(trial, mark, distinct(answers)[-1])
    if not fault and order.type is CommandType.LOCATE:
        fault = _sample_fault(trial, mark)
    trial.judge(check, fault, good, _COMMANDS)


def _carried_out(
    trial: Trial, order: TrialOrder, document: dict[str, Any]
) -> tuple[Sequence[Ack], str]:
    """Send a command and wait for its end: the answers, and their fault."""
    command_id = document["command_id"]
    mark = trial.hub.mark()
    trial.hub.say(Leaf.COMMANDS, document, command_id)
    within_s = order.waits_s + (trial.limits.person_s if order.asks_person else 0.0)

    far_enough = underway if order.lasts else ended

    def done() -> bool:
        return far_enough(trial.answers(mark, command_id)) or bool(
            trial.refused_answers(mark, command_id)
        )

    if trial.hub.wait(lambda: trial.hub.since(mark, Leaf.ACKS), trial.limits.device_s):
        trial.hub.wait(done, within_s)
    answers = trial.answers(mark, command_id)
    if broken := trial.refused_answers(mark, command_id):
        return answers, broken[0].fault
    fault = fault_of(answers)
    if not fault and not far_enough(answers):
        what = "progress" if order.lasts else "end"
        fault = f"no {what} within {within_s:g} s; these came: {in_words(answers)}"
    return answers, fault


def _photo_fault(trial: Trial, mark: int, last: Ack) -> str:
    """A snapshot that succeeded brings its photo, under the hash in the result."""
    if last.state is not AckState.SUCCEEDED or trial.hub.tested.kind is not Kind.TERMINAL:
        return ""
    named = () if last.result is None else last.result.evidence
    if not named:
        return "it succeeded with no photo in the result"

    def came() -> bool:
        photos = trial.hub.since(mark, Leaf.EVIDENCE)
        return set(named) <= {sha256(photo.payload).hexdigest() for photo in photos}

    if not trial.hub.wait(came, trial.limits.device_s):
        return f"the photo {named[0][:8]}… named in the result did not come"
    return ""


def _sample_fault(trial: Trial, mark: int) -> str:
    came = trial.hub.wait(lambda: trial.hub.since(mark, Leaf.TELEMETRY), trial.limits.device_s)
    return "" if came else "no sample came"


def check_repeat(trial: Trial) -> None:
    """The same command again gets the last answer again, with the same number, and nothing else."""
    check, order = "a repeated command", _harmless(trial)
    if order is None:
        return
    document = order.document()
    answers, fault = _carried_out(trial, order, document)
    if fault:
        trial.fails(check, f"its first arrival went wrong: {fault}", _COMMANDS)
        return
    mark, last = trial.hub.mark(), distinct(answers)[-1]
    command_id = document["command_id"]
    trial.hub.say(Leaf.COMMANDS, document, command_id)
    trial.hub.wait(lambda: trial.answers(mark, command_id), trial.limits.device_s)
    trial.hub.wait(lambda: False, _QUIET_S)
    again = trial.answers(mark, command_id)
    fault = ""
    if not again:
        fault = "no answer came to the repeat"
    elif any(each.rev != last.rev or each.state is not last.state for each in again):
        fault = f"the last answer was {last.state}, rev {last.rev}; the repeat got "
        fault += ", ".join(f"{each.state}, rev {each.rev}" for each in again)
    trial.judge(check, fault, f"{last.state}, rev {last.rev} again, and nothing else", _COMMANDS)


def check_expired(trial: Trial) -> None:
    """A command whose time is over is answered `expired`, and not carried out."""
    check, order = "an expired command", _harmless(trial)
    if order is None:
        return
    document = order.document(issued_s_ago=120, valid_s=-60)
    command_id = document["command_id"]
    mark = trial.hub.mark()
    trial.hub.say(Leaf.COMMANDS, document, command_id)
    trial.hub.wait(lambda: trial.answers(mark, command_id), trial.limits.device_s)
    trial.hub.wait(lambda: False, _QUIET_S)
    states = [answer.state for answer in distinct(trial.answers(mark, command_id))]
    fault = ""
    if states != [AckState.EXPIRED]:
        fault = f"it must be answered expired, and nothing else; these came: {', '.join(states) or 'none'}"
    trial.judge(check, fault, "expired", _COMMANDS)


def check_unknown(trial: Trial) -> None:
    """A command type that the device doesn't know is rejected with a reason, not passed over."""
    if trial.hub.tested.kind is Kind.EDGE:
        return
    order = TrialOrder(CommandType.LOCATE, {})
    document = order.document() | {"type": "sing_a_song", "command_id": str(uuid4())}
    command_id = document["command_id"]
    mark = trial.hub.mark()
    trial.hub.say(Leaf.COMMANDS, document, command_id)
    trial.hub.wait(lambda: ended(trial.answers(mark, command_id)), trial.limits.device_s)
    answers = distinct(trial.answers(mark, command_id))
    fault = ""
    if not answers or answers[-1].state is not AckState.REJECTED:
        fault = f"it must be rejected; these came: {in_words(answers)}"
    elif not answers[-1].reason:
        fault = "rejected must have a reason"
    trial.judge("an unknown command type", fault, "rejected, with a reason", _COMMANDS)


def check_config(trial: Trial) -> None:
    """A desired configuration is answered by a reported one, retained."""
    if trial.hub.tested.kind is Kind.CAMERA:
        return
    check, mark = "desired and reported state", trial.hub.mark()
    kept = trial.hub.stored(Leaf.CONFIG_DESIRED)
    version = 1
    if kept is not None and isinstance(kept.decoded, DeviceConfig):
        version = kept.decoded.version + 1
    trial.hub.say(Leaf.CONFIG_DESIRED, {"version": version, "settings": {}}, retain=True)
    trial.hub.wait(lambda: trial.hub.since(mark, Leaf.CONFIG_REPORTED), trial.limits.device_s)
    reports = trial.hub.since(mark, Leaf.CONFIG_REPORTED)
    fault = f"no config/reported within {trial.limits.device_s:g} s"
    if reports:
        fault = _report_fault(reports[-1], version)
    trial.judge(check, fault, f"version {version} was answered", _STATE)


def _report_fault(report: HeardMessage, version: int) -> str:
    if report.fault:
        return report.fault
    if not report.retain:
        return "config/reported must be retained"
    said = report.decoded
    if isinstance(said, DeviceConfig) and said.version != version and not said.error:
        return f"version {version} is desired, {said.version} is reported, and no error says why"
    return ""


def _harmless(trial: Trial) -> TrialOrder | None:
    """A command that asks nothing of a person; None for a kind that gets none."""
    match trial.hub.tested.kind:
        case Kind.TERMINAL:
            return TrialOrder(CommandType.LOCATE, {})
        case Kind.CAMERA:
            return TrialOrder(CommandType.SNAPSHOT, {})
    return None
