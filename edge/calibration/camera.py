"""The camera to calibrate, and the picture to do it with."""

from dataclasses import dataclass
from pathlib import Path

from edge.calibration.fit import Viewpoint
from edge.calibration.grab import NoFrame, grab_still
from edge.picture import BadPicture, Picture, picture
from edge.settings import CameraSettings, read_cameras

_COVERAGE_M = 40.0


class BadCameraChoice(ValueError):
    """The options name no camera, or there is no picture of it; the text says what to do."""


@dataclass(frozen=True)
class CalibrationCamera:
    """A camera of a cameras file, or only a place; then the picture must be a file."""

    viewpoint: Viewpoint
    camera: CameraSettings | None = None

    def picture(self, file: Path | None, ca_file: Path | None = None) -> Picture:
        """The file's picture, else what the camera shows now. Raises BadCameraChoice."""
        try:
            if file is not None:
                return picture(file.read_bytes())
            if self.camera is not None:
                return grab_still(self.camera, ca_file).picture()
        except (OSError, BadPicture, NoFrame) as error:
            raise BadCameraChoice(str(error)) from None
        raise BadCameraChoice(
            "name a picture with --picture, or a camera with --cameras and --camera"
        )


def choose_camera(
    cameras: Path | None, camera_id: str | None, place: str | None, coverage_m: float | None
) -> CalibrationCamera:
    """The camera of the file, or the place. A coverage that is given replaces the file's.

    Raises BadCameraChoice or BadSettings.
    """
    if cameras is not None:
        camera = _one_of(read_cameras(cameras), camera_id)
        viewpoint = Viewpoint(*camera.place, coverage_m or camera.coverage_m)
        return CalibrationCamera(viewpoint, camera)
    if place is None:
        raise BadCameraChoice("name the camera with --cameras and --camera, or its --place lon,lat")
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError:
        raise BadCameraChoice(f"--place must be lon,lat and not {place!r}") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadCameraChoice("--place must be lon,lat in degrees, lon first")
    return CalibrationCamera(Viewpoint(lon, lat, coverage_m or _COVERAGE_M))


def _one_of(cameras: tuple[CameraSettings, ...], camera_id: str | None) -> CameraSettings:
    if camera_id is None and len(cameras) == 1:
        return cameras[0]
    for camera in cameras:
        if camera.camera_id == camera_id:
            return camera
    known = ", ".join(camera.camera_id for camera in cameras)
    raise BadCameraChoice(f"--camera must be one of {known}")
