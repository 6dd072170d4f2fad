"""A scenario and its timed actions."""

from dataclasses import dataclass

from firmware_sim.scenarios.actions import Action


@dataclass(frozen=True)
class TimedAction:
    """`at_s` counts from the scenario's start."""

    at_s: float
    action: Action


@dataclass(frozen=True)
class Scenario:
    """`walks`: whether terminals go on patrol. `walk_speed`: the walking speed on the way to
    a task, as a multiple of real life, unless the command line says otherwise.
    """

    name: str
    steps: tuple[TimedAction, ...] = ()
    walks: bool = True
    walk_speed: float = 1.0

    def devices(self) -> frozenset[str]:
        """The devices that take part in it."""
        parts = (getattr(step.action, "device_id", None) for step in self.steps)
        return frozenset(part for part in parts if part is not None)

    def assets(self) -> frozenset[str]:
        parts = (getattr(step.action, "asset_id", None) for step in self.steps)
        return frozenset(part for part in parts if part is not None)
