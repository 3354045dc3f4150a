import numpy as np
import pytest

from style_gan_tf.networks.extractors import normalised_vgg19
from style_gan_tf.objectives.feature_losses import FeatureLosses, style_loss
from style_gan_tf.objectives.pixel_optimization import PixelOptimizer, optimize_pixels
from tests.extractor_weights import write_vgg19


@pytest.fixture(scope="module")
def losses(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    write_vgg19(path)
    return FeatureLosses(normalised_vgg19(path), "relu2_1", ["relu1_1", "relu2_1"], 1)


def photo(size=(24, 36)):
    """A ramp with a dark square."""
    height, width = size
    picture = np.linspace(-0.6, 0.6, width)[None, :, None] * np.ones((height, 1, 3))
    picture[height // 4 : height // 2, width // 4 : width // 2] = -0.9
    return picture.astype(np.float32)


def stripes(size=(30, 30)):
    across = np.sign(np.sin(np.arange(size[1]) * 1.2))
    picture = across[None, :, None] * np.array([0.8, 0.1, -0.7]) * np.ones((size[0], 1, 1))
    return picture.astype(np.float32)


def style_of(losses, picture):
    target = losses.style([stripes()])
    return float(style_loss(losses.content_and_style(picture[None])[1], target))


def test_the_style_comes_and_the_size_stays(losses):
    seen = []
    painted = optimize_pixels(
        photo(),
        [stripes()],
        losses,
        steps=40,
        style_size=30,
        on_step=lambda step, loss: seen.append((step, loss)),
    )
    assert painted.shape == (24, 36, 3) and painted.dtype == np.float32
    assert np.abs(painted).max() <= 1
    assert [step for step, _ in seen] == list(range(1, 41))
    assert seen[-1][1] < 0.75 * seen[0][1]
    assert style_of(losses, painted) < 0.75 * style_of(losses, photo())


def test_content_alone_changes_nothing(losses):
    painted = optimize_pixels(photo(), [stripes()], losses, steps=3, style_weight=0.0)
    np.testing.assert_allclose(painted, photo(), atol=1e-6)


def test_it_repeats(losses):
    options = {"steps": 3, "style_size": 30}
    first, second = (optimize_pixels(photo(), [stripes()], losses, **options) for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (7, 9)])
def test_small_pictures(losses, size):
    painted = optimize_pixels(photo(size), [stripes()], losses, steps=2)
    assert painted.shape == (*size, 3) and np.isfinite(painted).all()


def test_from_coarse_to_fine(losses, monkeypatch):
    """Sizes double up to the picture's, or to the largest that is worked on."""
    from style_gan_tf.objectives import pixel_optimization

    monkeypatch.setattr(pixel_optimization, "_COARSEST", 10)
    sizes = []
    real = losses.content

    def content(images):
        sizes.append(tuple(images.shape[1:3]))
        return real(images)

    monkeypatch.setattr(losses, "content", content)
    assert optimize_pixels(photo((40, 60)), [stripes()], losses, steps=3).shape == (40, 60, 3)
    assert sizes == [(10, 15), (20, 30), (40, 60)]
    sizes.clear()
    monkeypatch.setattr(pixel_optimization, "_FINEST", 20)
    painted = optimize_pixels(photo((40, 60)), [stripes()], losses, steps=2)
    assert sizes == [(10, 15), (20, 30)] and painted.shape == (40, 60, 3)


def test_it_stands_in_for_a_model(losses):
    model = PixelOptimizer([stripes()], losses, steps=2)
    batch = np.stack([photo(), -photo()])
    stylized = model.stylize(batch)
    assert stylized.shape == batch.shape
    np.testing.assert_allclose(
        stylized[0], optimize_pixels(photo(), [stripes()], losses, steps=2), atol=1e-4
    )
