"""Roles, and the rights that each of them has. Pure; docs/security.md shows the table."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the centre."""

    VIEWER = "viewer"
    """Reads what the scope contains, and changes nothing."""
    SEAT_OPERATOR = "seat_operator"
    """Takes reports, files, routes and checks cases, and calls back; sends no devices and no orders."""
    DISPATCHER = "dispatcher"
    """A seat operator who also sends terminals, gives them orders, and watches live video."""
    UNIT_HANDLER = "unit_handler"
    """Works on the cases of the own unit."""
    SUPERVISOR = "supervisor"
    """A dispatcher who also decides appeals, extensions, suspensions and disputed routing."""
    AUDITOR = "auditor"
    """Reads who looked at what, and nothing else."""
    ADMIN = "admin"
    """Manages accounts, devices, catalogue and calendar; reads cases and decides none."""

    @classmethod
    def _missing_(cls, value: object) -> "Role | None":
        return cls.ADMIN if value == "administrator" else None


class Right(StrEnum):
    """What a role may do; an endpoint asks for one right."""

    READ = "read"
    """Read cases, their photos and alarms."""
    OBSERVE = "observe"
    """Read signals, devices, positions, orders and counts, too."""
    HANDLE = "handle"
    """Move a case, in the way that the table of transitions allows to the role."""
    OPERATE = "operate"
    """File cases, decide about signals, acknowledge alarms."""
    DISPATCH = "dispatch"
    """Rank terminals, order them about, ask for video and watch it."""
    SUPERVISE = "supervise"
    """Decide what units ask for."""
    ADMINISTER = "administer"
    """Accounts, registry, catalogue, calendar, geofences, what devices run."""
    AUDIT = "audit"
    """Read the audit."""


_READER = frozenset({Right.READ, Right.OBSERVE})
_OPERATOR = _READER | {Right.HANDLE, Right.OPERATE}
_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _READER,
    Role.SEAT_OPERATOR: _OPERATOR,
    Role.DISPATCHER: _OPERATOR | {Right.DISPATCH},
    Role.UNIT_HANDLER: frozenset({Right.READ, Right.HANDLE}),
    Role.SUPERVISOR: _OPERATOR | {Right.DISPATCH, Right.SUPERVISE},
    Role.AUDITOR: frozenset({Right.AUDIT}),
    Role.ADMIN: _READER | {Right.ADMINISTER},
}


def rights_of(role: Role) -> frozenset[Right]:
    return _RIGHTS[role]


def roles_with(*rights: Right) -> tuple[Role, ...]:
    """The roles that have at least one of the rights."""
    return tuple(role for role in Role if not _RIGHTS[role].isdisjoint(rights))


OPERATORS = roles_with(Right.OPERATE)
"""The roles that decide about signals and file cases."""
