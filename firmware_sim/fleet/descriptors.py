"""Open files: each connection is one, in this process and again in the broker's."""

import resource

_OTHERS = 200
"""Logs, libraries, pipes."""


class TooFewDescriptors(RuntimeError):
    """The system lets no process have as many connections as are wanted."""

    def __init__(self, connections: int, hard_limit: int) -> None:
        super().__init__(
            f"{connections:,} connections need {connections + _OTHERS:,} open files, and the limit "
            f"here is {hard_limit:,}: raise it (as root `ulimit -Hn {connections + _OTHERS}`, or "
            "LimitNOFILE= in a systemd unit, or --ulimit nofile= of a container), or take fewer terminals"
        )
        self.connections = connections
        self.hard_limit = hard_limit


def allow(connections: int) -> None:
    """Raise the limit of this process and its children as far as necessary and allowed.

    Raises TooFewDescriptors if that is not enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise TooFewDescriptors(connections, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
