import numpy as np

from style_gan_tf.networks import draw_noise, fixed_noise


def test_standard_normal_and_the_seed_alone_decides():
    noise = draw_noise(2000, 16, [3, 4]).numpy()
    assert noise.shape == (2000, 16) and noise.dtype == np.float32
    assert abs(noise.mean()) < 0.02 and abs(noise.std() - 1) < 0.02
    assert np.abs(np.corrcoef(noise.T) - np.eye(16)).max() < 0.1
    np.testing.assert_array_equal(draw_noise(2000, 16, [3, 4]), noise)
    assert np.abs(draw_noise(2000, 16, [3, 5]) - noise).max() > 1


def test_more_vectors_begin_with_the_same():
    for latent in (1, 7, 128):
        few, many = fixed_noise(3, latent, 5), fixed_noise(40, latent, 5)
        np.testing.assert_array_equal(many[:3], few)
        assert np.abs(many[3:6] - few).max() > 0.1


def test_large_seeds():
    assert np.isfinite(fixed_noise(1, 4, 2**40)).all()
