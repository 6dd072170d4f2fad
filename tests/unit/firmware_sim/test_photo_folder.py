from itertools import combinations
from pathlib import Path

import cv2

from firmware_sim.photo_folder import HEIGHT, WIDTH, PhotoCounts, write_photos
from hub.cases.provenance import LIKE_BITS
from hub.evidence.photos import perceptual_hash


def test_the_same_seed_draws_the_same_photos(tmp_path: Path):
    counts = PhotoCounts(repairs=2, streets=3)

    assert write_photos(tmp_path / "a", counts, seed=5) == 7
    write_photos(tmp_path / "b", counts, seed=5)

    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names[:2] == ["cover-0000-after.jpg", "cover-0000-before.jpg"]
    for name in names:
        drawn = (tmp_path / "a" / name).read_bytes()
        assert drawn == (tmp_path / "b" / name).read_bytes()
        assert len(drawn) < 100_000
        assert cv2.imread(str(tmp_path / "a" / name)).shape == (HEIGHT, WIDTH, 3)


def test_photos_of_one_cover_before_and_after_are_two_pictures(tmp_path: Path):
    write_photos(tmp_path, PhotoCounts(repairs=6, streets=0), seed=2)
    hashes = [perceptual_hash(cv2.imread(str(path))) for path in sorted(tmp_path.glob("*.jpg"))]
    alike = [
        (a, b)
        for a, b in combinations(range(len(hashes)), 2)
        if ((hashes[a] ^ hashes[b]) & (2**64 - 1)).bit_count() <= LIKE_BITS
    ]
    assert alike == []
