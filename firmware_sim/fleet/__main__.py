"""One process of a fleet, started by its parent: `python -m firmware_sim fleet` is for people.

Standard input: a Share and, once that is answered with FleetCounters, the Exercise; when it ends, or at
SIGTERM, every terminal disconnects. Standard output: FleetCounters twice a second.
"""

import asyncio
import logging
import signal
import sys
from typing import Any

import aiomqtt

from firmware_sim.district.credentials import read_passwords
from firmware_sim.district.folder import read_district
from firmware_sim.fleet.counters import FleetCounters
from firmware_sim.fleet.ground_truth import EXERCISE
from firmware_sim.fleet.share import SHARE, Share, play


def main() -> None:
    logging.getLogger("mqtt").setLevel(logging.CRITICAL)
    share = SHARE.validate_json(sys.stdin.readline())
    asyncio.run(_run_until_stopped(share))


async def _run_until_stopped(share: Share) -> None:
    district = read_district(share.folder)
    passwords = read_passwords(share.credentials, district)
    sys.stdout.write(FleetCounters().line() + "\n")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        return
    playing = asyncio.ensure_future(
        play(share, EXERCISE.validate_json(line), district, passwords, sys.stdout)
    )
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_on_loop_error)
    loop.add_signal_handler(signal.SIGTERM, playing.cancel)
    loop.add_reader(sys.stdin.fileno(), playing.cancel)
    try:
        await playing
    except asyncio.CancelledError:
        return
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Ignore errors of broken connections that aiomqtt does not collect; the connections count them."""
    if not isinstance(context.get("exception"), OSError | aiomqtt.MqttError):
        loop.default_exception_handler(context)


if __name__ == "__main__":
    main()
