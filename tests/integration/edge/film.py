"""A short film of a street of one colour that changes, as a camera encodes it."""

from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, PER_SECOND = 640, 360, 10
GREYS = (60, 120, 180)
"""Of the picture's upper half; the lower is black."""


def write_film(path: Path, seconds: int) -> None:
    """H.264 in Matroska, a key frame each second, the grey changing with it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": str(PER_SECOND), "sc_threshold": "0"}
        for number in range(seconds * PER_SECOND):
            picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            picture[: HEIGHT // 2] = GREYS[number // PER_SECOND % len(GREYS)]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
