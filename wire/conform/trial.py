"""What all checks of a trial share: the line to the device, the sheet, the times, and the maker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wire.conform.line import Line
from wire.conform.orders import TrialPlace
from wire.conform.played_hub import HeardMessage, PlayedHub
from wire.conform.sheet import Finding, Sheet, Verdict
from wire.messages import Ack, Capability, TerminalStatus
from wire.topics import Leaf


@dataclass(frozen=True)
class TrialLimits:
    """How long the trial waits, in seconds.

    For an answer of the device alone, for a person at the device, for samples, and for the device's
    return after it was cut off.
    """

    device_s: float = 30.0
    person_s: float = 120.0
    samples_s: float = 60.0
    returns_s: float = 90.0


@dataclass(frozen=True)
class TrialOptions:
    """`by_hand`: somebody is at the device and does what is asked. `disturb`: restart and lock it."""

    limits: TrialLimits
    place: TrialPlace
    whip_host: str
    by_hand: bool = False
    disturb: bool = False


@dataclass
class Trial:
    """One device on trial. `tell` shows each finding as it is made, and what a person should do."""

    hub: PlayedHub
    options: TrialOptions
    sheet: Sheet
    tell: Callable[[str], None]
    tell_finding: Callable[[Finding], None]
    line: Line | None = None
    """The line that the device connects through, if it does."""

    @property
    def limits(self) -> TrialLimits:
        return self.options.limits

    def passes(self, check: str, found: str, rule: str) -> None:
        self._add(Finding(check, Verdict.PASS, found, rule))

    def fails(self, check: str, found: str, rule: str) -> None:
        self._add(Finding(check, Verdict.FAIL, found, rule))

    def skips(self, check: str, why: str, rule: str) -> None:
        self._add(Finding(check, Verdict.NOT_TRIED, why, rule))

    def judge(self, check: str, fault: str, good: str, rule: str) -> None:
        """It passes if there is no fault."""
        if fault:
            self.fails(check, fault, rule)
        else:
            self.passes(check, good, rule)

    def _add(self, finding: Finding) -> None:
        self.sheet.add(finding)
        self.tell_finding(finding)

    def capabilities(self) -> frozenset[str]:
        """What the device's birth says that it can do; empty before it is known."""
        for each in reversed(self.hub.heard):
            if isinstance(each.decoded, TerminalStatus) and each.decoded.capabilities:
                return frozenset(map(str, each.decoded.capabilities))
        return frozenset()

    def lacks(self, capability: Capability | None) -> bool:
        return capability is not None and capability not in self.capabilities()

    def answers(self, mark: int, command_id: str) -> list[Ack]:
        """The readable answers to a command since a mark, repeats included."""
        return [
            each.decoded
            for each in self.hub.since(mark, Leaf.ACKS)
            if isinstance(each.decoded, Ack) and each.decoded.command_id == command_id
        ]

    def refused_answers(self, mark: int, command_id: str) -> Sequence[HeardMessage]:
        """The answers to a command that the hub would refuse."""
        return [
            each
            for each in self.hub.since(mark)
            if each.fault and each.topic.endswith(f"/{Leaf.ACKS}/{command_id}")
        ]
