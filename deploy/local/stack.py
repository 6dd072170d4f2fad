"""The whole system on this machine: database, broker, hub, edge nodes, simulated devices."""

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local import history
from deploy.local.description import DescribedAccount, Description, listing_of
from deploy.local.mosquitto import Mosquitto
from deploy.local.ports import free_port
from deploy.local.postgres import as_user, configure, create_database, postgres
from deploy.local.processes import LogListener, Process, Supervisor, run_command

ROOT = Path(__file__).parents[2]
DISTRICT = "530303"
HUB_USER = "hub"
RUNTIME_ROLE = "patrolhub_app"
"""The role of the hub's processes, which can't change the journal."""


@dataclass(frozen=True)
class Options:
    """The simulation, the parts of the hub to run, and the console's port (0: any free one).

    `database_settings` are in force from the server's start. `own_devices` are terminals that are
    registered and may log in, but that nobody simulates. `history` days are played before it begins.
    """

    terminals: int = 24
    cameras: int = 4
    villages: int = 135
    seed: int = 7
    port: int = 0
    scenario: str = "story"
    interval_s: float = 2.0
    walk_speed: float = 12.0
    faults: tuple[str, ...] = ()
    keep: bool = False
    parts: tuple[str, ...] = ("ingest", "worker", "api")
    broker_saves_every_s: int = 0
    database_settings: Mapping[str, str] = field(default_factory=dict)
    own_devices: tuple[str, ...] = ()
    history: int = 0


@dataclass(frozen=True)
class DemoAccount:
    """A login made for this run."""

    username: str
    role: str
    password: str
    unit: str | None = None


@dataclass
class Stack:
    """A running system. `folder` holds everything that it keeps. `database_url` is the owner's."""

    folder: Path
    options: Options
    database_url: str
    broker: Mosquitto
    port: int
    hub_password: str
    accounts: dict[str, DemoAccount]
    on_line: LogListener | None = None
    supervisor: Supervisor = field(default_factory=Supervisor)
    share_group: str = field(default_factory=lambda: f"ingest-{secrets.token_hex(8)}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def district_folder(self) -> Path:
        return self.folder / "district"

    def hub_environment(self) -> dict[str, str]:
        """The settings of every hub process."""
        return {
            "PATROLHUB_DATABASE_URL": as_user(self.database_url, RUNTIME_ROLE),
            "PATROLHUB_DISTRICT": DISTRICT,
            "PATROLHUB_EVIDENCE_URL": f"file://{self.folder / 'evidence'}",
            "PATROLHUB_MQTT_HOST": "127.0.0.1",
            "PATROLHUB_MQTT_PORT": str(self.broker.port),
            "PATROLHUB_MQTT_USERNAME": HUB_USER,
            "PATROLHUB_MQTT_PASSWORD": self.hub_password,
            "PATROLHUB_MQTT_SHARE_GROUP": self.share_group,
            "PATROLHUB_API_HOST": "127.0.0.1",
            "PATROLHUB_API_PORT": str(self.port),
            "PATROLHUB_PUBLIC_URL": self.url,
            "PATROLHUB_CONSOLE_DIR": str(ROOT / "console" / "dist"),
            "PATROLHUB_MODEL_DIR": str(ROOT / "models" / "street"),
            "PATROLHUB_ICE_LOOPBACK": "true",
            "PATROLHUB_DESIRED_KEY_FILE": str(self.folder / "desired.key"),
            "PATROLHUB_JOURNAL_KEY_FILE": str(self.folder / "journal.key"),
            "PATROLHUB_JOURNAL_ANCHOR_FILE": str(self.folder / "journal.anchors"),
        }

    @property
    def secrets_folder(self) -> Path:
        """What each process on the devices' side may know; see `devices provision --secrets`."""
        return self.folder / "secrets"

    def edge_environment(self, edge_id: str) -> dict[str, str]:
        """The settings of one edge node."""
        return {
            "PATROLHUB_EDGE_MQTT_HOST": "127.0.0.1",
            "PATROLHUB_EDGE_MQTT_PORT": str(self.broker.device_port),
            "PATROLHUB_EDGE_MQTT_PASSWORD_FILE": str(self.secrets_folder / edge_id / "password"),
            "PATROLHUB_EDGE_HUB_KEY": (self.folder / "desired.pub").read_text().strip(),
            "PATROLHUB_EDGE_DISTRICT": DISTRICT,
            "PATROLHUB_EDGE_EDGE_ID": edge_id,
            "PATROLHUB_EDGE_MODEL_DIR": str(ROOT / "models" / "street"),
            "PATROLHUB_EDGE_DATA_DIR": str(self.folder / edge_id),
            "PATROLHUB_EDGE_CAMERAS": str(
                self.district_folder / "edges" / f"{edge_id}.cameras.json"
            ),
        }

    def described(self) -> Description:
        """What a program needs to use it."""
        credentials = self.district_folder / "credentials.json"
        passwords = json.loads(credentials.read_text(encoding="utf-8"))
        return Description(
            self.url,
            DISTRICT,
            [DescribedAccount(a.role, a.username, a.password) for a in self.accounts.values()],
            "127.0.0.1",
            self.broker.device_port,
            self.database_url,
            [(device_id, passwords[device_id]) for device_id in self.options.own_devices],
        )

    def start_process(
        self, name: str, arguments: list[str], environment: dict[str, str]
    ) -> Process:
        """Start one watched process that logs to `folder/NAME.log`."""
        log_path = self.folder / f"{name}.log"
        return self.supervisor.add(Process(name, arguments, environment, log_path, self.on_line))

    def start_devices(self) -> None:
        """Start the simulated terminals and cameras; the scenario begins with them."""
        options, credentials = self.options, self.secrets_folder / "field" / "field.json"
        arguments = ["firmware_sim", "run", str(self.district_folder), "--host", "127.0.0.1"]
        arguments += ["--port", str(self.broker.device_port), "--seed", str(options.seed)]
        arguments += ["--credentials", str(credentials), "--scenario", options.scenario]
        arguments += ["--interval", str(options.interval_s)]
        arguments += ["--walk-speed", str(options.walk_speed)]
        for fault in options.faults:
            arguments += ["--fault", fault]
        environment = {"PATROLHUB_SIM_ICE_LOOPBACK": "true"}
        self.start_process("devices", arguments, environment).wait_until_ready()


def run_folder() -> Path:
    """A folder for this run, outside the project: the embedded database makes parent folders readable."""
    return Path(tempfile.mkdtemp(prefix="patrolhub-"))


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """What this process and its children create meanwhile, only their own user can read."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def hide(folder: Path) -> None:
    """Let nobody list the folder. Under root, the database's own user still has to pass through it."""
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


@contextlib.contextmanager
def running(
    options: Options, *, on_line: LogListener | None = None, on_step: LogListener | None = None
) -> Iterator[Stack]:
    """Start everything except the devices, yield it, then stop and remove everything."""
    folder = run_folder()

    def announce(step: str, **facts: object) -> None:
        if on_step is not None:
            on_step("setup", {"event": step, **facts})

    try:
        announce("database_starting")
        configure(folder / "pgdata", options.database_settings)
        with (
            private_files(),
            history.drawing(folder, options.history, options.seed) as past,
            postgres(folder / "pgdata") as server_url,
        ):
            hide(folder)
            stack = _new_stack(folder, server_url, options, on_line)
            announce("district_preparing")
            _prepare(stack)
            if past is not None:
                announce("history_begins", days=past.days)
                _make_accounts(stack)
                past.play(stack.hub_environment(), lambda day: announce("history_day", day=day))
            announce("broker_starting")
            stack.broker.start()
            try:
                announce("parts_starting")
                _start(stack)
                yield stack
            finally:
                stack.supervisor.stop()
                stack.broker.stop()
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _new_stack(
    folder: Path, server_url: str, options: Options, on_line: LogListener | None
) -> Stack:
    return Stack(
        folder,
        options,
        create_database(server_url, "patrolhub"),
        Mosquitto(folder / "broker", saves_every_s=options.broker_saves_every_s),
        options.port or free_port(),
        secrets.token_urlsafe(24),
        _accounts(),
        on_line,
    )


def _accounts() -> dict[str, DemoAccount]:
    wanted = [
        ("dispatcher", "dispatcher", None),
        ("seat", "seat_operator", None),
        ("housing", "unit_handler", "housing_bureau"),
        ("supervisor", "supervisor", None),
        ("admin", "admin", None),
        ("auditor", "auditor", None),
        ("viewer", "viewer", None),
    ]
    return {
        name: DemoAccount(name, role, secrets.token_urlsafe(12), unit)
        for name, role, unit in wanted
    }


def _prepare(stack: Stack) -> None:
    """Set up schema, district, registry and logins, before the first process."""
    options, hub = stack.options, stack.hub_environment()
    counts = ["--terminals", options.terminals, "--cameras", options.cameras]
    counts += ["--villages", options.villages, "--seed", options.seed]
    district = ["district", *map(str, counts), "--out", str(stack.district_folder)]
    with ThreadPoolExecutor() as pool:
        drawn = pool.submit(run_command, ["firmware_sim", *district], {})
        run_command(["hub", "journal", "keygen", hub["PATROLHUB_JOURNAL_KEY_FILE"]], {})
        public = run_command(["models", "keygen", hub["PATROLHUB_DESIRED_KEY_FILE"]], {})
        (stack.folder / "desired.pub").write_text(public, encoding="utf-8")
        owner = {"PATROLHUB_DATABASE_OWNER_URL": stack.database_url}
        run_command(["hub", "migrate"], hub | owner)
        drawn.result()
        where = str(stack.district_folder)
        broker = ["--broker", str(stack.folder / "broker")]
        broker += ["--secrets", str(stack.secrets_folder)]
        provisioned = pool.submit(run_command, ["hub", "devices", "provision", where, *broker], hub)
        run_command(["hub", "district", "import", where], hub)
        provisioned.result()
    if options.own_devices:
        _register_own_devices(stack, broker[:2])


def _register_own_devices(stack: Stack, broker: list[str]) -> None:
    """After the others, so that the simulator's secrets don't hold theirs."""
    hub, where = stack.hub_environment(), str(stack.district_folder)
    listing = stack.folder / "own_devices.csv"
    listing.write_text(listing_of(stack.options.own_devices), encoding="utf-8")
    run_command(["hub", "devices", "import", str(listing)], hub)
    run_command(["hub", "devices", "provision", where, "--registry", *broker], hub)


def _make_accounts(stack: Stack) -> None:
    lines = [json.dumps(asdict(account)) for account in stack.accounts.values()]
    run_command(
        ["hub", "accounts", "import", "--keep-password"],
        stack.hub_environment(),
        stdin="\n".join(lines),
    )


def _start(stack: Stack) -> None:
    hub = stack.hub_environment()
    parts = [stack.start_process(part, ["hub", part], hub) for part in stack.options.parts]
    for edge_id in edge_nodes(stack.district_folder):
        environment = stack.edge_environment(edge_id)
        parts.append(stack.start_process(f"edge-{edge_id}", ["edge", "run"], environment))
    if not stack.options.history:
        _make_accounts(stack)
    for part in parts:
        part.wait_until_ready()


def edge_nodes(district_folder: Path) -> list[str]:
    """The edge nodes of a district folder."""
    files = (district_folder / "edges").glob("*.cameras.json")
    return sorted(path.name.removesuffix(".cameras.json") for path in files)
