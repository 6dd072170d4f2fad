"""A key frame of a video stream, decoded only when it is needed."""

import zlib
from functools import cached_property
from typing import cast

import av
import cv2
import numpy as np
from av.codec.codec import UnknownCodecError
from av.video.codeccontext import VideoCodecContext

from edge.gate import HEIGHT, WIDTH, Thumbnail
from edge.picture import BadPicture, Picture, check_size
from wire.limits import MAX_JPEG_PIXELS

_QUALITY = 92


class KeyFrame:
    """One encoded picture that needs no other. `header` is the codec's header of the stream."""

    def __init__(self, codec: str, header: bytes | None, data: bytes) -> None:
        self._codec = codec
        self._header = header
        self._data = data

    def thumbnail(self) -> Thumbnail:
        """The picture as the gate needs it. Raises BadPicture."""
        small = self._decoded.reformat(WIDTH, HEIGHT, format="gray", interpolation="AREA")
        return np.asarray(small.to_ndarray(), np.uint8)

    def picture(self) -> Picture:
        """The whole picture. Raises BadPicture."""
        return np.asarray(self._decoded.to_ndarray(format="bgr24"), np.uint8)

    def mark(self) -> int:
        """A checksum of the luma of all pixels, since the encoding of equal pictures differs."""
        return zlib.crc32(bytes(self._decoded.planes[0]))

    def jpeg(self) -> bytes:
        """The picture, encoded at the first call. Raises BadPicture."""
        return self._jpeg

    @cached_property
    def _jpeg(self) -> bytes:
        _, encoded = cv2.imencode(".jpg", self.picture(), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return encoded.tobytes()

    @cached_property
    def _decoded(self) -> av.VideoFrame:
        """The decoder lives for this one picture, so that many cameras need no memory for decoders."""
        try:
            decoder = cast("VideoCodecContext", av.CodecContext.create(self._codec, "r"))
            decoder.thread_count = 1
            decoder.options = {"max_pixels": str(MAX_JPEG_PIXELS)}
            if self._header:
                decoder.extradata = self._header
            frames = [*decoder.decode(av.Packet(self._data)), *decoder.decode(None)]
        except (av.FFmpegError, UnknownCodecError) as error:
            raise BadPicture(f"cannot be decoded: {error}") from None
        if not frames or frames[0].is_corrupt:
            raise BadPicture("is a damaged key frame")
        check_size(frames[0].width, frames[0].height)
        return frames[0]
