"""Where released models lie."""

from pathlib import Path

from models.manifest import MANIFEST_NAME, Manifest, read_manifest

_HOME = Path(__file__).parent


def released(name: str = "street") -> Path:
    """Return the folder of a released model; raises ModelRejected if there is none."""
    folder = _HOME / name
    read_manifest(folder)
    return folder


def all_released() -> dict[str, Manifest]:
    """Return the manifests of all models that are released with the project."""
    return {
        path.parent.name: read_manifest(path.parent)
        for path in sorted(_HOME.glob(f"*/{MANIFEST_NAME}"))
    }
