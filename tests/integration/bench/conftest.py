"""A small district's fleet, a real broker with its logins, and ingest storing what it sends."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.mosquitto import Mosquitto, mosquitto
from deploy.local.postgres import create_database
from deploy.local.processes import Process
from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.folder import write_district
from hub.clock import now
from hub.db import open_pool
from hub.devices.broker_files import write_broker_files, write_private
from hub.devices.provisioning import as_json, broker_logins, make_passwords
from hub.district.importing import import_district, read_devices

HUB = ("hub", "hub-secret")
DISTRICT = "530303"
TERMINALS = 24


@dataclass(frozen=True)
class Centre:
    """A hub that listens, and the folder of the district whose fleet may call it."""

    folder: Path
    broker: Mosquitto
    database_url: str

    def command(self, truth: Path, *options: str) -> list[str]:
        """`python -m firmware_sim fleet` against this hub."""
        command = [sys.executable, "-m", "firmware_sim", "fleet", str(self.folder)]
        command += ["--truth", str(truth), "--port", str(self.broker.device_port)]
        return [*command, *options]

    def fleet(self, truth: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Let a fleet live to its end."""
        return subprocess.run(
            self.command(truth, *options), capture_output=True, text=True, timeout=270, check=False
        )


@pytest.fixture(scope="module")
def centre(
    server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("centre")
    district = folder / "district"
    write_district(build_district(DistrictSpec(7, TERMINALS, 0, villages=14)), district)
    url = create_database(server_url, f"fleet_{uuid.uuid4().hex[:8]}", template=template_database)
    asyncio.run(_register(url, district))
    devices = read_devices(district)
    passwords = make_passwords(devices, {})
    write_private(district / "credentials.json", as_json(passwords))
    write_broker_files(folder / "broker", broker_logins(DISTRICT, devices), passwords, HUB)
    with mosquitto(folder / "broker") as broker, _listening(folder, broker.port, url):
        yield Centre(district, broker, url)


async def _register(url: str, district: Path) -> None:
    async with open_pool(url, name="register") as pool, pool.connection() as db:
        await import_district(db, district, now())


@contextmanager
def _listening(folder: Path, port: int, url: str) -> Iterator[None]:
    """Ingest as a process, as it is deployed."""
    (folder / "evidence").mkdir(exist_ok=True)
    user, password = HUB
    environment = {
        "PATROLHUB_DATABASE_URL": url,
        "PATROLHUB_DISTRICT": DISTRICT,
        "PATROLHUB_EVIDENCE_URL": f"file://{folder / 'evidence'}",
        "PATROLHUB_MQTT_PORT": str(port),
        "PATROLHUB_MQTT_USERNAME": user,
        "PATROLHUB_MQTT_PASSWORD": password,
    }
    ingest = Process("ingest", ["hub", "ingest"], environment, folder / "ingest.log")
    ingest.start()
    try:
        ingest.wait_until_ready()
        yield
    finally:
        ingest.stop()
