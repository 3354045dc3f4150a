"""Content and style in one figure, the shape of ArtFID (Wright and Ommer 2022)."""

from style_gan_tf.metrics.kernel_distance import Estimate


def artfid(content: Estimate, fid: Estimate) -> Estimate:
    """`(1 + content) (1 + FID)`: a model that keeps all or paints all gains nothing by it.

    The paper takes LPIPS over AlexNet and Inception's features trained on art; over other networks
    it has the shape alone, and figures of two networks do not compare.

    Args:
        content: Perceptual distance to the photos, with its standard error.
        fid: Frechet distance to the style images, likewise.

    Returns:
        1: the photos themselves, painted as the style images are. The error takes both as
        independent.
    """
    value = (1.0 + content.value) * (1.0 + fid.value)
    error = (
        (content.error * (1.0 + fid.value)) ** 2 + (fid.error * (1.0 + content.value)) ** 2
    ) ** 0.5
    return Estimate(value, error)
