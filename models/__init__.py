"""Detectors: their runtime, manifests, cards and weights."""

from models.detections import DetectedObject, Detections
from models.detector import OnnxDetector
from models.errors import ModelRejected, NotAPicture, PictureFault, RejectionReason
from models.manifest import Manifest, read_manifest
from models.pictures import decode_grey, decode_jpeg
from models.registry import released
from models.repair import RepairJudgement, RepairVerdict, judge_repair

__all__ = [
    "DetectedObject",
    "Detections",
    "Manifest",
    "ModelRejected",
    "NotAPicture",
    "OnnxDetector",
    "PictureFault",
    "RejectionReason",
    "RepairJudgement",
    "RepairVerdict",
    "decode_grey",
    "decode_jpeg",
    "judge_repair",
    "read_manifest",
    "released",
]
