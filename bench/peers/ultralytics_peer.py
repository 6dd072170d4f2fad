"""Measures ultralytics' `predict` and `track` on the wrapped graph; prints JSON."""

import json
import os

os.environ["YOLO_CONFIG_DIR"] = os.environ["PEER_HOME"]

import turns

turns.one_thread()
note = turns.mend_torchvision()

import torch
import ultralytics

torch.set_num_threads(1)
arguments = turns.Arguments()
settings = {"imgsz": arguments.side, "conf": 0.3, "verbose": False, "device": "cpu"}
predicting = ultralytics.YOLO(arguments.weights, task="detect")
tracking = ultralytics.YOLO(arguments.weights, task="detect")
version = ultralytics.__version__
figures = {
    "ultralytics predict": turns.measured(
        arguments, lambda picture: predicting.predict(picture, **settings), version, note
    ),
    "ultralytics track": turns.measured(
        arguments, lambda picture: tracking.track(picture, persist=True, **settings), version, note
    ),
}
print(json.dumps(figures))
