"""Measures Roboflow inference on the wrapped graph, from a model cache laid out by hand; prints JSON."""

import json
import os
import shutil
from pathlib import Path

import turns

turns.one_thread()

MODEL_ID = "covers/1"
arguments = turns.Arguments()
home = Path(os.environ["PEER_HOME"])
os.environ["MODEL_CACHE_DIR"] = str(home)
folder = home / MODEL_ID
folder.mkdir(parents=True)
shutil.copy(arguments.weights, folder / "weights.onnx")
(folder / "class_names.txt").write_text("\n".join(arguments.classes), encoding="utf-8")
side = arguments.side
resize = {"enabled": True, "format": "Fit (grey edges) in", "width": side, "height": side}
environment = {
    "PREPROCESSING": json.dumps({"resize": resize}),
    "CLASS_MAP": {str(index): name for index, name in enumerate(arguments.classes)},
    "COLORS": dict.fromkeys(arguments.classes, "#ff0000"),
    "BATCH_SIZE": "1",
}
(folder / "environment.json").write_text(json.dumps(environment), encoding="utf-8")

note = turns.mend_torchvision()

from importlib.metadata import version

from inference.models.yolov8 import YOLOv8ObjectDetection

model = YOLOv8ObjectDetection(model_id=MODEL_ID, api_key="none")
figures = {
    "roboflow inference": turns.measured(
        arguments,
        lambda picture: model.infer(picture, confidence=0.3),
        version("inference-cpu"),
        note,
    )
}
print(json.dumps(figures))
