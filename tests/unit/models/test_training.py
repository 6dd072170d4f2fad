import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

from models import Detector, read_manifest  # noqa: E402
from models.training.config import TrainConfig  # noqa: E402
from models.training.export import read_checkpoint  # noqa: E402
from models.training.loop import (  # noqa: E402
    CHECKPOINT,
    LOSS_LOG,
    new_run,
    resume_run,
    train,
    warm_run,
)
from models.training.loss import DetectionLoss, Targets, box_iou  # noqa: E402
from models.training.net import STRIDES, decode, grid_points  # noqa: E402
from models.training.release import ReleaseConfig, release_checkpoint  # noqa: E402
from scenes.dataset import Composition, Shard, write_shard  # noqa: E402
from scenes.training import CLASSES  # noqa: E402


def config(steps: int) -> TrainConfig:
    return TrainConfig(
        name="tiny",
        version="0",
        classes=CLASSES,
        side=64,
        steps=steps,
        batch=2,
        net={"channels": (4, 4, 8, 8, 8), "blocks": (0, 0, 1, 0), "pyramid": 8},
    )


@pytest.fixture(scope="module")
def renders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("renders")
    list(write_shard(Shard(0, 2, Composition.COVERS), folder, (), 64))
    return folder


def targets(boxes: list[list[float]], weights: float = 1.0) -> Targets:
    zone = torch.tensor([[0.0, 0, 64, 64] + [weights] * len(CLASSES)])
    return Targets(torch.tensor(boxes).reshape(-1, 5), zone)


def raw_output() -> "torch.Tensor":
    points = sum((64 // s) ** 2 for s in STRIDES)
    return torch.zeros(1, 4 + len(CLASSES), points, requires_grad=True)


def test_boxes_that_do_not_touch_have_negative_generalised_overlap():
    one, other = torch.tensor([0.0, 0, 10, 10]), torch.tensor([30.0, 0, 40, 10])
    assert float(box_iou(one, other)) == 0
    assert float(box_iou(one, other, generalised=True)) == pytest.approx(-0.5, abs=0.01)


def test_points_lie_at_the_middle_of_their_cells():
    points, strides = grid_points(64)
    assert points[0].tolist() == [4, 4]
    assert strides.unique().tolist() == [8, 16, 32]
    assert len(points) == 64 + 16 + 4


def test_a_raw_output_of_nought_is_a_box_around_its_point():
    boxes, logits = decode(raw_output(), *grid_points(64))
    half = 8 * np.log(2)
    assert boxes[0, 0].tolist() == pytest.approx([4 - half, 4 - half, 4 + half, 4 + half], abs=1e-4)
    assert logits.shape == (1, 84, len(CLASSES))


def test_a_class_that_was_not_labelled_teaches_nothing():
    raw = raw_output()
    DetectionLoss(*grid_points(64))(raw, [targets([], weights=0.0)]).backward()
    assert float(raw.grad.abs().sum()) == 0


def test_an_ignored_box_teaches_nothing_inside_it():
    raw = raw_output()
    DetectionLoss(*grid_points(64))(raw, [targets([[0, 0, 64, 64, -1]])]).backward()
    assert float(raw.grad.abs().sum()) == 0


def test_an_object_pulls_its_own_class_up_and_others_down():
    raw = raw_output()
    DetectionLoss(*grid_points(64))(raw, [targets([[16, 16, 40, 40, 2]])]).backward()
    gradient = raw.grad[0, 4:]
    assert float(gradient[2].min()) < 0
    assert float(gradient[1].min()) >= 0


def test_a_run_goes_on_where_it_was_left_and_becomes_a_model(renders, tmp_path):
    train(new_run(config(2)), None, renders, tmp_path)
    first = read_checkpoint(tmp_path / CHECKPOINT)
    assert first.step == 2
    train(resume_run(config(27), tmp_path), None, renders, tmp_path)
    checkpoint = read_checkpoint(tmp_path / CHECKPOINT)
    assert checkpoint.step == 27
    assert json.loads((tmp_path / LOSS_LOG).read_text().splitlines()[0])["step"] == 25

    decided = ReleaseConfig(
        config="c.toml",
        overlap=0.5,
        condition_trust=1,
        thresholds=dict.fromkeys(CLASSES, 0.5),
        data=(),
    )
    out = tmp_path / "tiny"
    release_checkpoint(checkpoint, None, decided, out)
    assert read_manifest(out).trained.steps == 27
    assert len(Detector.load(out).detect(np.zeros((40, 50, 3), np.uint8), min_score=0.99)) == 0


def test_a_warm_run_has_the_weights_of_another_and_its_own_time(renders, tmp_path):
    train(new_run(config(2)), None, renders, tmp_path)
    began = warm_run(config(9), tmp_path / CHECKPOINT)
    assert began.step == 0
    assert began.total_s() < 5
    kept = read_checkpoint(tmp_path / CHECKPOINT).model.state_dict()
    for model in (began.model, began.average):
        assert all(torch.equal(kept[name], value) for name, value in model.state_dict().items())


def test_the_graph_says_what_the_network_says(renders, tmp_path):
    import onnxruntime

    from models.training.export import write_onnx

    train(new_run(config(1)), None, renders, tmp_path)
    checkpoint = read_checkpoint(tmp_path / CHECKPOINT)
    picture = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 3), np.uint8)
    rgb = torch.from_numpy(picture[..., ::-1].copy()).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        raw = checkpoint.model(rgb)
    wanted, _ = decode(raw, *grid_points(64))
    write_onnx(checkpoint, tmp_path / "m.onnx")
    boxes, scores = onnxruntime.InferenceSession(tmp_path / "m.onnx").run(None, {"image": picture})
    assert np.allclose(boxes[:, :2], wanted[0, :, :2].numpy(), atol=1e-2)
    assert np.allclose(scores, raw[0, 4:].sigmoid().numpy(), atol=1e-4)
