import numpy as np
import pytest

from scenes.pit import dig_pit
from scenes.shaft import PatchGrid


@pytest.mark.parametrize("seed", range(6))
def test_a_pit_fills_its_box_and_no_more_than_crumbs_lie_outside(seed: int) -> None:
    grid = PatchGrid(160, 1.6)
    _, opacity = dig_pit(np.random.default_rng(seed), grid, obliquity=1.0)
    across = grid.axes()[0][0]
    solid = opacity > 0.97
    for axis in (0, 1):
        reached = across[solid.any(axis)]
        assert reached.min() == pytest.approx(-1, abs=0.2)
        assert reached.max() == pytest.approx(1, abs=0.2)
    assert opacity[:8].max() < 0.01
