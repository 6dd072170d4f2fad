"""Boxes in fractions of the picture, and how they overlap."""

from dataclasses import dataclass

_SMALLEST = 1e-4


@dataclass(frozen=True, slots=True)
class ImageBox:
    """A box: top left corner, width and height, in fractions of the picture's sides."""

    x: float
    y: float
    w: float
    h: float

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of the lower edge, where the object meets the ground."""
        return self.x + self.w / 2, self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def area(self) -> float:
        return self.w * self.h

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether the point (u, v) lies within."""
        u, v = point
        return self.x <= u <= self.x + self.w and self.y <= v <= self.y + self.h

    def within_picture(self) -> "ImageBox":
        """The part inside the picture, which is never quite empty."""
        left, top = min(max(self.x, 0.0), 1 - _SMALLEST), min(max(self.y, 0.0), 1 - _SMALLEST)
        right, bottom = min(self.x + self.w, 1.0), min(self.y + self.h, 1.0)
        return ImageBox(left, top, max(right - left, _SMALLEST), max(bottom - top, _SMALLEST))


def iou(one: ImageBox, other: ImageBox) -> float:
    """Intersection over union, 0..1."""
    shared = _shared(one, other)
    return shared / (one.area + other.area - shared)


def inside(one: ImageBox, other: ImageBox) -> float:
    """The share of the smaller box that lies in the other, 0..1."""
    return _shared(one, other) / min(one.area, other.area)


def _shared(one: ImageBox, other: ImageBox) -> float:
    across = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    down = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return across * down if across > 0 and down > 0 else 0.0


def blend(old: ImageBox, new: ImageBox, weight: float) -> ImageBox:
    """A box between the two; `weight` is the share of the new one."""
    keep = 1 - weight
    return ImageBox(
        old.x * keep + new.x * weight,
        old.y * keep + new.y * weight,
        old.w * keep + new.w * weight,
        old.h * keep + new.h * weight,
    )
