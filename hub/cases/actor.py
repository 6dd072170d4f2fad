"""The actors who move a case, and their capacities."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from hub.accounts.account import Account, Role


class Capacity(StrEnum):
    """A capacity in which an actor may cause an event; the table of transitions names these."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    UNIT = "unit"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` as the journal has it: user:NAME or system:PART. `role` is None for the system."""

    name: str
    role: Role | None
    unit_key: str | None = None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(account.actor, account.role, account.unit_key)

    @classmethod
    def system(cls, part: str) -> Self:
        return cls(f"system:{part}", None)

    @property
    def username(self) -> str | None:
        """The account's name; None for the system."""
        return self.name.removeprefix("user:") if self.role is not None else None

    @property
    def capacities(self) -> frozenset[Capacity]:
        return capacities_of(self.role)


def capacities_of(role: Role | None) -> frozenset[Capacity]:
    """The capacities of a role; None is the system."""
    match role:
        case None:
            return frozenset({Capacity.SYSTEM})
        case Role.UNIT_HANDLER:
            return frozenset({Capacity.UNIT})
        case Role.SUPERVISOR:
            return frozenset({Capacity.OPERATOR, Capacity.SUPERVISOR})
        case Role.DISPATCHER | Role.SEAT_OPERATOR:
            return frozenset({Capacity.OPERATOR})
        case Role.VIEWER | Role.AUDITOR | Role.ADMIN:
            return frozenset()
