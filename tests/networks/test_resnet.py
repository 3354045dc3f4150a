import keras
import numpy as np
import pytest

from style_gan_tf.networks import build_generator


def trainable(network: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


@pytest.mark.parametrize(("n_blocks", "count"), [(9, 11_378_179), (6, 7_837_699)])
@pytest.mark.parametrize("upsampling", ["resize", "transpose", "blur"])
def test_parameter_count_is_the_references(n_blocks, count, upsampling):
    network = build_generator("resnet", n_blocks=n_blocks, upsampling=upsampling)
    assert trainable(network) == count
    assert network.count_params() == count


def test_parameter_count_with_batch_normalization_is_the_references():
    # Scale and offset for each normalized channel, and no bias before them.
    normalized = 64 + 128 + 256 + 2 * 6 * 256 + 128 + 64
    network = build_generator("resnet", n_blocks=6, normalization="batch")
    assert trainable(network) == 7_837_699 + normalized


def test_encoder_layers():
    network = build_generator("resnet", filters=4, n_blocks=9)
    encoder = [layer for layer in network.layers if layer.name.startswith("encoder_")]
    assert [layer.name for layer in encoder] == [f"encoder_{i}" for i in range(5)]
    assert [layer.output.shape[-1] for layer in encoder] == [3, 8, 16, 16, 16]
    blocks = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Add)]
    assert (len(blocks), blocks.index("encoder_3"), blocks.index("encoder_4")) == (9, 0, 4)


def probe(upsampling: str, images: np.ndarray) -> np.ndarray:
    """A generator without normalization and with every weight 0.1, before its tanh."""
    network = build_generator(
        "resnet", filters=1, n_blocks=1, normalization="none", upsampling=upsampling
    )
    network.set_weights([np.full_like(w, 0.1) for w in network.get_weights()])
    # Tanh would hide what is large.
    before = keras.Model(network.input, network.layers[-1].input)
    return before(images).numpy()


def test_a_flat_picture_stays_flat_with_resize_alone():
    """The checkerboard of transposed convolutions (Odena et al. 2016), and its cure."""
    flat = np.full((1, 64, 64, 3), 0.5, np.float32)
    # The halvings pad zeros above and on the left alone.
    resized = probe("resize", flat)[0, 32:, 32:]
    np.testing.assert_allclose(resized, resized.mean(), rtol=1e-5)
    transposed = probe("transpose", flat)[0, 32:48, 32:48]
    assert transposed.std() / transposed.mean() > 0.001


def test_a_picture_moved_by_a_pixel_is_stylized_alike_with_blur_alone():
    """What aliasing would break (Zhang 2019, section 4.3): pixels move, and nothing else."""
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).uniform(-1, 1, (1, 65, 65, 3)).astype(np.float32)
    changes = {}
    for upsampling in ("blur", "transpose"):
        network = build_generator("resnet", filters=4, n_blocks=1, upsampling=upsampling)
        here = network(images[:, :64, :64]).numpy()[:, 17:49, 17:49]
        moved = network(images[:, 1:, 1:]).numpy()[:, 16:48, 16:48]
        changes[upsampling] = np.abs(here - moved).mean() / here.std()
    assert changes["blur"] < 0.5 * changes["transpose"]


def test_transposed_upsampling_stands_where_pytorchs_does():
    """padding=1, output_padding=1: output (i, j) sums kernel (i - 2 * a + 1, j - 2 * b + 1)."""
    keras.utils.set_random_seed(0)
    network = build_generator(
        "resnet", filters=1, n_blocks=1, normalization="none", upsampling="transpose"
    )
    layers = network.layers
    start = next(
        i for i, layer in enumerate(layers) if isinstance(layer, keras.layers.Conv2DTranspose)
    )
    assert isinstance(layers[start + 1], keras.layers.Cropping2D)
    upsample = keras.Model(layers[start].input, layers[start + 1].output)
    kernel = layers[start].kernel.numpy()
    x = np.random.default_rng(0).normal(size=(1, 3, 4, 4)).astype(np.float32)
    wanted = np.zeros((1, 6, 8, 2))
    for a, b, p, q in np.ndindex(3, 4, 3, 3):
        row, column = 2 * a + p - 1, 2 * b + q - 1
        if 0 <= row < 6 and 0 <= column < 8:
            wanted[:, row, column] += x[:, a, b] @ kernel[p, q].T
    np.testing.assert_allclose(upsample(x), wanted, atol=1e-5)
