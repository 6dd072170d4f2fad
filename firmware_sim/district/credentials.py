"""The devices' passwords, as the hub's provisioning hands them out."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from firmware_sim.district.folder import BadFolder, SimulatedDistrict

_PASSWORDS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def read_passwords(path: Path, district: SimulatedDistrict) -> dict[str, str]:
    """Raises BadFolder if the file, or a device in it, is missing."""
    provision = "make it with `python -m hub devices provision DIR --broker DIR2`"
    try:
        passwords = _PASSWORDS.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadFolder(path, f"is missing; {provision}") from None
    except ValidationError:
        raise BadFolder(path, f"is no list of passwords; {provision}") from None
    simulated = [row.device_id for row in district.devices if row.kind != "edges"]
    missing = [device_id for device_id in simulated if device_id not in passwords]
    if missing:
        raise BadFolder(path, f"has no password for {', '.join(missing[:5])}; {provision}")
    return passwords
