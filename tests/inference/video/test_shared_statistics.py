"""Frames that share their statistics do not pump."""

from pathlib import Path

import keras
import numpy as np
import pytest

from style_gan_tf.inference import load_model
from style_gan_tf.inference.video.shared_statistics import frame_stylizer
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb
from tests.videos import drifting


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory):
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=16, n_blocks=2)
    perturb(network, 0.15)
    path = Path(tmp_path_factory.mktemp("model")) / "generator.keras"
    network.save(path)
    return load_model(path, "float32")


def scene(count: int) -> np.ndarray:
    """A still ground; from the fourth frame on something large and bright stands before it."""
    ground = drifting(1, 32, 192)[0]
    frames = np.repeat(ground[None], count, 0)
    frames[4:, :, :64] = (255, 250, 240)
    return frames.astype(np.float32) / 127.5 - 1


def stylized(stylize, frames: np.ndarray, cuts: tuple[int, ...] = (0,)) -> np.ndarray:
    return np.array([stylize(frames[t : t + 1], t in cuts)[0] for t in range(len(frames))])


def test_what_comes_into_view_changes_the_rest_by_little(model) -> None:
    frames = scene(14)
    shared = stylized(frame_stylizer(model), frames)
    alone = stylized(frame_stylizer(model, shared=False), frames)

    def jump(outputs: np.ndarray) -> float:
        return float(np.abs(outputs[1:, :, 160:] - outputs[:-1, :, 160:]).mean((1, 2, 3)).max())

    assert jump(alone) > 0.01
    assert jump(shared) < 0.25 * jump(alone)


def test_the_first_frame_of_a_scene_is_that_of_a_picture(model) -> None:
    frames = scene(6)
    shared = stylized(frame_stylizer(model), frames, cuts=(0, 4))
    for t in (0, 4, 5):  # The fifth looks as the fourth, which began a scene.
        alone = model.stylize(frames[t : t + 1])[0]
        np.testing.assert_allclose(shared[t], alone, atol=2e-3)


def test_models_without_such_statistics(model) -> None:
    class Negative:
        def stylize(self, images: np.ndarray) -> np.ndarray:
            return -images

    frames = scene(5)
    np.testing.assert_array_equal(stylized(frame_stylizer(Negative()), frames), -frames)


def test_frames_that_need_tiles_are_left_to_the_model(model, monkeypatch) -> None:
    monkeypatch.setattr(type(model), "memory", property(lambda self: 1000))
    frames = scene(2)[:, :, :40]
    outputs = stylized(frame_stylizer(model), frames)
    np.testing.assert_allclose(outputs[0], model.stylize(frames[:1])[0], atol=2e-3)
