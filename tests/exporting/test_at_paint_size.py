"""Inside an export: pictures larger than its paint size are painted small."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.exporting.at_paint_size import at_paint_size
from style_gan_tf.inference.paint_size import paint_small
from style_gan_tf.inference.style_table import StyleTable, photo_kept
from style_gan_tf.networks import build_generator

SIZE = 40
HEIGHT, WIDTH = 66, 90


def photo(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """uint8, with sharp edges and noise."""
    random = np.random.default_rng(0)
    bars = np.where(np.arange(width) // 9 % 2, 210.0, 40.0)[:, np.newaxis]
    return (bars + random.normal(0, 8, (height, width, 3))).clip(0, 255).astype(np.uint8)


def toned(images: Any, *style: Any) -> Any:
    """A painter in [0, 1]: as much of another picture as the style is strong."""
    strength = style[0][:, :1, np.newaxis, np.newaxis] if style else 1.0
    return images + strength * (tf.sqrt(images[..., ::-1]) - images)


@pytest.mark.parametrize("strength", [1.0, 0.3, 0.0])
@pytest.mark.parametrize("coded", [True, False])
def test_it_is_what_the_command_line_does(coded: bool, strength: float) -> None:
    given = photo()[np.newaxis] / np.float32(255)
    style = np.float32([[strength, 0.9 if coded else 0.0]])
    found = at_paint_size(toned, SIZE, 10**6, coded)(tf.constant(given), tf.constant(style))
    table = StyleTable(("a", "b"), np.eye(2, dtype=np.float32), coded=coded)
    kept = photo_kept(table, style[0])
    assert kept == pytest.approx(1 - strength)
    expected = paint_small(
        given * 2 - 1, SIZE, lambda i: np.asarray(toned(i / 2 + 0.5, style)) * 2 - 1, kept
    )
    np.testing.assert_allclose(found * 2 - 1, expected, atol=1e-5)
    if not strength:
        np.testing.assert_allclose(found, given, atol=1e-6)


def test_what_is_not_larger_is_painted_as_it_is() -> None:
    seen = []

    def paint(images: Any) -> Any:
        seen.append(tuple(images.shape))
        return toned(images)

    at_size = at_paint_size(paint, SIZE, 2 * 30 * SIZE, coded=False)
    few = np.stack([photo(30, SIZE)] * 2) / np.float32(255)
    np.testing.assert_array_equal(at_size(tf.constant(few)), toned(few))
    assert seen == [(2, 30, SIZE, 3)]
    # More pixels than the network may be given at once.
    many = np.concatenate([few, few])
    np.testing.assert_allclose(at_size(tf.constant(many)), toned(many), atol=1e-6)
    assert seen[1:] == [(1, 30, SIZE, 3)] * 4


def test_a_generator_of_noise_has_no_paint_size(tmp_path: Path) -> None:
    noise = build_generator("noise", latent=4, filters=4, size=16)
    with pytest.raises(UsageError, match="--paint_size=9: the model takes noise; leave it out"):
        export_saved_model(noise, tmp_path, paint_size=9)
