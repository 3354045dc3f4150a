"""Figures that say how good stylized pictures are."""

from style_gan_tf.metrics.sliced_wasserstein import sliced_wasserstein

__all__ = ["sliced_wasserstein"]
