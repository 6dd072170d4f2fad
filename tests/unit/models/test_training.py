import json

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

from models import OnnxDetector, read_manifest  # noqa: E402
from models.training.averaging import mix_checkpoints  # noqa: E402
from models.training.config import TrainConfig, TrainingStage  # noqa: E402
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
from models.training.show import SAMPLES_PICTURE, draw_curve  # noqa: E402
from scenes.dataset import Composition, Shard, write_shard  # noqa: E402
from scenes.training import CLASSES  # noqa: E402


def config(steps: int) -> TrainConfig:
    return TrainConfig(
        name="tiny",
        version="0",
        classes=CLASSES,
        side=64,
        stages=({"side": 64, "mosaic_share": 0.5},),
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
    samples = cv2.imread(str(tmp_path / SAMPLES_PICTURE))
    assert samples is not None
    assert samples.shape[1] == 4 * 64

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
    assert len(OnnxDetector.load(out).detect(np.zeros((40, 50, 3), np.uint8), min_score=0.99)) == 0


def test_a_warm_run_has_the_weights_of_another_and_its_own_time(renders, tmp_path):
    train(new_run(config(2)), None, renders, tmp_path)
    began = warm_run(config(9), tmp_path / CHECKPOINT)
    assert began.step == 0
    assert began.spent_s == 0
    kept = read_checkpoint(tmp_path / CHECKPOINT).model.state_dict()
    for model in (began.model, began.average):
        assert all(torch.equal(kept[name], value) for name, value in model.state_dict().items())


def test_two_runs_are_mixed_by_their_shares(renders, tmp_path):
    train(new_run(config(2)), None, renders, tmp_path / "first")
    before, after = (tmp_path / name / CHECKPOINT for name in ("first", "second"))
    train(warm_run(config(3), before), None, renders, tmp_path / "second")
    mix_checkpoints(before, after, 0.25, tmp_path / "mixed.pt")
    one, two, mixed = (
        read_checkpoint(path).model.stem[0].weight
        for path in (before, after, tmp_path / "mixed.pt")
    )
    assert not torch.allclose(one, two)
    assert torch.allclose(mixed, 0.75 * one + 0.25 * two, atol=1e-6)


def test_runs_of_different_networks_are_not_mixed(renders, tmp_path):
    train(new_run(config(1)), None, renders, tmp_path / "first")
    other = config(1).model_copy(update={"classes": ("manhole_good",)})
    train(new_run(other), None, renders, tmp_path / "second")
    with pytest.raises(ValueError, match="different networks"):
        mix_checkpoints(
            tmp_path / "first" / CHECKPOINT,
            tmp_path / "second" / CHECKPOINT,
            0.5,
            tmp_path / "mixed.pt",
        )


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


def test_the_curve_of_the_losses_is_drawn_once_there_are_two(tmp_path):
    log = tmp_path / LOSS_LOG
    log.write_text('{"step": 25, "loss": 2.0}\n')
    draw_curve(log, tmp_path / "loss.png")
    assert not (tmp_path / "loss.png").exists()
    log.write_text('{"step": 25, "loss": 2.0}\n{"step": 50, "loss": 1.0}\n')
    draw_curve(log, tmp_path / "loss.png")
    assert cv2.imread(str(tmp_path / "loss.png")) is not None


def test_a_run_goes_through_its_stages(renders, tmp_path):
    two = config(4).model_copy(
        update={"stages": (TrainingStage(until=0.5, side=32), TrainingStage(until=1.0, side=64))}
    )
    train(new_run(two), None, renders, tmp_path)
    assert read_checkpoint(tmp_path / CHECKPOINT).step == 4
    assert cv2.imread(str(tmp_path / SAMPLES_PICTURE)).shape[1] == 4 * 64


def test_int8_weights_say_nearly_what_fp32_says(renders, tmp_path):
    import onnxruntime

    from models.training.export import write_onnx
    from models.training.quantise import write_int8

    train(new_run(config(25)), None, renders, tmp_path)
    write_onnx(read_checkpoint(tmp_path / CHECKPOINT), tmp_path / "m.onnx")
    pictures = [np.random.default_rng(k).integers(0, 255, (64, 64, 3), np.uint8) for k in range(6)]
    write_int8(tmp_path / "m.onnx", iter(pictures), tmp_path / "m8.onnx")
    scores = [
        onnxruntime.InferenceSession(tmp_path / name).run(None, {"image": pictures[0][None]})[1]
        for name in ("m.onnx", "m8.onnx")
    ]
    assert np.abs(scores[0] - scores[1]).max() < 0.1
