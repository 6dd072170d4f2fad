"""Photos by their hash: their bytes in an object store, their facts in the database."""

from hub.evidence.photos import Photo, PhotoSource
from hub.evidence.store import EvidenceStore, open_evidence, photo_facts, place_photos, record_photo

__all__ = [
    "EvidenceStore",
    "Photo",
    "PhotoSource",
    "open_evidence",
    "photo_facts",
    "place_photos",
    "record_photo",
]
