import numpy as np
import pytest

from scenes import CoverState
from scenes.camera import GroundCamera
from scenes.compose import cover_box
from scenes.cover import REACH, CoverDesign, Light, draw_cover
from scenes.damage import break_cover
from scenes.shaft import PatchGrid

NOON = Light(0.3, -0.3, 0.9)
SIDE = 160


def lid_mask(design: CoverDesign) -> np.ndarray:
    x, y = PatchGrid(SIDE, REACH).axes()
    return np.hypot(x, y) < design.cover_radius


@pytest.fixture(scope="module")
def round_design() -> CoverDesign:
    return CoverDesign.draw(1, square_share=0.0)


def test_a_design_follows_from_its_seed(round_design):
    again = CoverDesign.draw(1, square_share=0.0)
    assert (again.turn, again.gap, again.frame_width) == (
        round_design.turn,
        round_design.gap,
        round_design.frame_width,
    )


@pytest.mark.parametrize("state", list(CoverState))
def test_a_patch_is_opaque_on_the_cover_and_clear_at_its_border(round_design, state):
    patch = draw_cover(round_design, state, SIDE, obliquity=1.0, light=NOON)
    assert patch.alpha[lid_mask(round_design)].min() > 0.99
    assert patch.alpha[0].max() == 0
    assert patch.colour.min() >= 0
    assert patch.colour.max() <= 255


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("severity", [0.2, 1.0])
def test_a_broken_cover_loses_a_part_but_not_all(seed, severity):
    grid = PatchGrid(SIDE, REACH)
    x, y = grid.axes()
    inside = np.hypot(x, y) < 0.85
    damage = break_cover(np.random.default_rng(seed), grid, inside, 0.85, severity)
    share = damage.missing.sum() / inside.sum()
    assert 0.02 < share < 0.85
    assert not damage.missing[~inside].any()


def test_a_worse_break_leaves_a_larger_hole():
    grid = PatchGrid(SIDE, REACH)
    x, y = grid.axes()
    inside = np.hypot(x, y) < 0.85

    def mean_loss(severity: float) -> float:
        losses = [
            break_cover(np.random.default_rng(seed), grid, inside, 0.85, severity).missing.mean()
            for seed in range(10)
        ]
        return float(np.mean(losses))

    assert mean_loss(1.0) > 2 * mean_loss(0.1)


def test_the_box_of_a_round_cover_seen_from_above_is_its_frame():
    camera = GroundCamera(400, 400, 400.0, 4.0, np.pi / 2)
    design = CoverDesign.draw(1, square_share=0.0)
    box = cover_box("manhole_good", design, camera.ground(), (0.0, 0.0), 0.5)
    assert (box.x, box.y, box.w, box.h) == pytest.approx((150, 150, 100, 100), abs=0.5)
