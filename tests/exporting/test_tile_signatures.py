"""The signatures `tile` and `tiling` of exports, as another program would use them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import Network, build_generator
from tests.perturbed import perturb


def strong(**options: Any) -> Network:
    network = build_generator("fast", filters=8, n_blocks=1, **options)
    perturb(network, 0.15)
    return network


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tf.saved_model.load(str(export_saved_model(strong(), tmp_path_factory.mktemp("m"))))


def statistics(channels: int) -> dict[str, Any]:
    return {"means": tf.zeros([1, channels]), "variances": tf.ones([1, channels])}


def test_tiles_by_hand_are_the_whole(loaded: Any) -> None:
    images = np.random.default_rng(0).uniform(0, 1, (1, 96, 64, 3)).astype(np.float32)
    told = loaded.signatures["tiling"](size=tf.constant([96, 64]))
    stride, overlap = int(told["stride"]), int(told["overlap"])
    (top, bottom), (left, right) = told["surround"].numpy()
    channels = told["channels"].numpy()
    padded = np.pad(images, ((0, 0), (top, bottom), (left, right), (0, 0)), mode="reflect")
    height, width = padded.shape[1:3]
    middle = height // 2 // stride * stride
    tile = loaded.signatures["tile"]
    given = {name: value.numpy() for name, value in statistics(channels.sum()).items()}
    cuts = [(0, 0, middle), (max(middle - overlap, 0), middle, height)]
    painted = []
    for known in range(len(channels) + 1):
        answers = []
        for outer, start, stop in cuts:
            outer_stop = min(stop + overlap, height)
            answers.append(
                tile(
                    images=tf.constant(padded[:, outer:outer_stop]),
                    window=tf.constant([start - outer, 0, stop - start, width]),
                    known=tf.constant(known),
                    **{name: tf.constant(value) for name, value in given.items()},
                )
            )
        if known == len(channels):
            painted = [
                answer["stylized_images"].numpy()[:, start - outer : stop - outer]
                for answer, (outer, start, stop) in zip(answers, cuts, strict=True)
            ]
            break
        counts = np.array([answer["counts"][known] for answer in answers], np.float64)
        shares = (counts / counts.sum())[:, None]
        first, last = channels[:known].sum(), channels[: known + 1].sum()
        means, variances = (
            np.stack([answer[name].numpy()[0, first:last] for answer in answers])
            for name in ("means", "variances")
        )
        mean = (shares * means).sum(axis=0)
        given["means"][0, first:last] = mean
        given["variances"][0, first:last] = (shares * (variances + (means - mean) ** 2)).sum(axis=0)
    found = np.concatenate(painted, axis=1)[:, top : top + 96, left : left + 64]
    whole = loaded.signatures["serving_default"](images=tf.constant(images))["stylized_images"]
    assert np.abs(whole - images).max() > 0.1
    np.testing.assert_allclose(found, whole, atol=1e-4)


def test_sides_that_do_not_fit_are_refused(loaded: Any) -> None:
    channels = int(loaded.signatures["tiling"](size=tf.constant([1, 1]))["channels"].numpy().sum())
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiples of 4 and at least 4; got"):
        loaded.signatures["tile"](
            images=tf.zeros([1, 8, 9, 3]),
            window=tf.constant([0, 0, 8, 8]),
            known=tf.constant(0),
            **statistics(channels),
        )


@pytest.mark.parametrize("options", [{"normalization": "batch"}, {"num_styles": 2}])
def test_other_networks(tmp_path: Path, options: dict[str, Any]) -> None:
    loaded = tf.saved_model.load(str(export_saved_model(strong(**options), tmp_path)))
    channels = loaded.signatures["tiling"](size=tf.constant([5, 7]))["channels"].numpy()
    given = {} if len(channels) == 0 else {"style_weights": tf.constant([[0.0, 1.0]] * 2)}
    images = np.random.default_rng(0).uniform(0, 1, (2, 16, 24, 3)).astype(np.float32)
    answer = loaded.signatures["tile"](
        images=tf.constant(images),
        window=tf.constant([0, 0, 16, 24]),
        known=tf.constant(0),
        **statistics(channels.sum()),
        **given,
    )
    assert answer["stylized_images"].shape == images.shape
    assert answer["means"].shape == (2, channels.sum())
    assert answer["counts"].shape == channels.shape
