"""Photos by their hash: their bytes in an object store, their facts in the database."""

from hub.evidence.photos import Photo, PhotoSource
from hub.evidence.store import (
    EvidenceStore,
    PhotoDamaged,
    open_evidence,
    photo_facts,
    place_photos,
    record_photo,
)

__all__ = [
    "EvidenceStore",
    "Photo",
    "PhotoDamaged",
    "PhotoSource",
    "open_evidence",
    "photo_facts",
    "place_photos",
    "record_photo",
]
