"""Metrics of pairs of pictures: SSIM, PSNR, edges."""

import numpy as np
import pytest
from skimage import metrics as trusted

from style_gan_tf.metrics import edge_agreement, psnr, ssim


def draw(seed=0, size=(40, 33)):
    return np.random.default_rng(seed).uniform(-1, 1, (2, *size, 3)).astype(np.float32)


def near(images, seed=5):
    noise = np.random.default_rng(seed).normal(0, 0.1, images.shape)
    return np.clip(images + noise, -1, 1).astype(np.float32)


def test_psnr_is_that_of_scikit_image():
    left, right = draw(), near(draw())
    wanted = [
        trusted.peak_signal_noise_ratio(a, b, data_range=2)
        for a, b in zip(left, right, strict=True)
    ]
    np.testing.assert_allclose(psnr(left, right), wanted, rtol=1e-4)
    assert np.all(np.isinf(psnr(left, left)))


def test_ssim_is_that_of_scikit_image():
    left, right = draw(), near(draw())
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    for index, found in enumerate(ssim(left, right).numpy()):
        _, full = trusted.structural_similarity(
            left[index], right[index], data_range=2, channel_axis=-1, full=True, **options
        )
        # TensorFlow leaves out the border where the window does not fit.
        assert found == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-3)
    np.testing.assert_allclose(ssim(left, left), 1, rtol=1e-5)


def test_edges_do_not_mind_contrast_brightness_and_inversion():
    picture = draw()[0]
    for changed in (picture, 0.4 * picture + 0.2, -picture):
        assert edge_agreement(picture, changed) == pytest.approx(1)


def test_edges_agree_less_the_more_is_changed():
    picture = np.zeros((40, 40, 3))
    picture[10:30, 10:30] = 1
    shifted = [edge_agreement(picture, np.roll(picture, by, axis=1)) for by in (0, 1, 4)]
    assert shifted[0] == pytest.approx(1) and shifted[0] > shifted[1] > shifted[2]


def test_edges_are_the_correlation_of_sobel_magnitudes():
    from scipy import ndimage

    left, right = draw()[0].astype(np.float64), draw(3)[0].astype(np.float64)
    strengths = []
    for side in (left, right):
        luma = side @ [0.299, 0.587, 0.114]
        gradient = np.hypot(ndimage.sobel(luma, 0), ndimage.sobel(luma, 1))
        strengths.append(gradient[1:-1, 1:-1].ravel())
    assert edge_agreement(left, right) == pytest.approx(np.corrcoef(*strengths)[0, 1], rel=1e-9)


def test_flat_pictures_have_no_edges():
    assert edge_agreement(np.ones((5, 5, 3)), draw()[0, :5, :5]) == 0


def test_other_shapes():
    with pytest.raises(ValueError, match="cannot compare the edges"):
        edge_agreement(np.ones((5, 5, 3)), np.ones((5, 6, 3)))
