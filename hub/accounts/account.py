"""Accounts, roles and sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the centre; each has the rights that its comment names."""

    DISPATCHER = "dispatcher"
    """Works cases, sends commands, sees video."""
    SEAT_OPERATOR = "seat_operator"
    """Takes calls and reports, works cases as a dispatcher does."""
    UNIT_HANDLER = "unit_handler"
    """Sees and answers for the cases of the own unit, and nothing else."""
    SUPERVISOR = "supervisor"
    """An operator who also decides appeals, extensions and disputed routing."""
    ADMIN = "admin"
    """An operator who also looks after accounts, catalogue and devices."""


OPERATORS = (Role.DISPATCHER, Role.SEAT_OPERATOR, Role.SUPERVISOR, Role.ADMIN)
"""All who see the whole district."""


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    role: Role
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None

    @property
    def actor(self) -> str:
        """As the journal names it."""
        return f"user:{self.username}"

    @property
    def only_unit(self) -> str | None:
        """The unit to whose cases this account is confined; None sees the whole district."""
        return self.unit_key if self.role is Role.UNIT_HANDLER else None


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is still good."""

    account: Account
    token_hash: str
    expires_at: datetime
