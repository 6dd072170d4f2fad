"""Rendered streets as a video camera encodes them."""

from itertools import cycle, islice
from pathlib import Path

import av

from bench.edge.scenery import FPS, Footage
from edge.picture import picture

PER_SECOND = 15
"""Pictures a second; each first one of a second is a key frame."""


def write_film(path: Path, footage: Footage, seconds: int) -> None:
    """H.264 in Matroska; the footage comes round and round, each picture of it several times."""
    pictures = [
        av.VideoFrame.from_ndarray(picture(jpeg), format="bgr24") for jpeg in footage.broken
    ]
    height, width = pictures[0].height, pictures[0].width
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": str(PER_SECOND), "sc_threshold": "0"}
        for shown in islice(cycle(pictures), seconds * FPS):
            for _ in range(PER_SECOND // FPS):
                shown.pts = None
                container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
