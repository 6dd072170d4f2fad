"""Errors, by what the caller can do about them: each has a sentence for people, and facts."""


class HubError(Exception):
    """Base of all; `detail` is a sentence that says what is wrong and what to do."""

    kind = "error"

    def __init__(self, detail: str, **facts: str | float | bool | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidInput(HubError):
    """The caller must send something else; the facts name the field and the reason."""

    kind = "invalid-input"


class Unavailable(HubError):
    """Nothing is wrong with the request; try again later."""

    kind = "unavailable"


class Conflict(HubError):
    """The state has changed meanwhile; look again, then decide again."""

    kind = "conflict"


class KeyReused(HubError):
    """The key was used before for something else; send it again under a new one."""

    kind = "key-reused"


class NotFound(HubError):
    kind = "not-found"


class Unauthenticated(HubError):
    """Log in (again)."""

    kind = "unauthenticated"


class Forbidden(HubError):
    """Known, but not allowed to do this."""

    kind = "forbidden"


class PasswordChangeNeeded(Forbidden):
    """The account may do nothing before its password is changed."""

    kind = "password-change-needed"


class TooManyRequests(HubError):
    """Wait for `retry_after_s`."""

    kind = "too-many-requests"


class Damaged(HubError):
    """What is kept is missing or changed; trying again won't help, restoring a backup will."""

    kind = "damaged"


class IllegalTransition(HubError):
    """The state table has no such move from here."""

    kind = "illegal-transition"


class GuardRefused(HubError):
    """The move exists, but a condition for it isn't met; `guard` names it."""

    kind = "guard-refused"
