"""Figures that say how good stylized pictures are."""

from style_gan_tf.metrics.diversity import diversity, pairwise_distances
from style_gan_tf.metrics.edge_agreement import edge_agreement
from style_gan_tf.metrics.embedding import embed, standardized
from style_gan_tf.metrics.fidelity import psnr, ssim
from style_gan_tf.metrics.frechet_distance import frechet_distance
from style_gan_tf.metrics.judge import METRICS, Figure, Judge, Metric
from style_gan_tf.metrics.kernel_distance import Estimate, kernel_distance
from style_gan_tf.metrics.perceptual_distance import PerceptualDistance, load_lpips
from style_gan_tf.metrics.sliced_wasserstein import sliced_wasserstein
from style_gan_tf.metrics.style_classifier import StyleClassifier
from style_gan_tf.metrics.style_distance import (
    gram_matrix,
    mean_gram_matrices,
    style_difference,
    style_distance,
)
from style_gan_tf.metrics.warp_error import warp_error

__all__ = [
    "METRICS",
    "Estimate",
    "Figure",
    "Judge",
    "Metric",
    "PerceptualDistance",
    "StyleClassifier",
    "diversity",
    "edge_agreement",
    "embed",
    "frechet_distance",
    "gram_matrix",
    "kernel_distance",
    "load_lpips",
    "mean_gram_matrices",
    "pairwise_distances",
    "psnr",
    "sliced_wasserstein",
    "ssim",
    "standardized",
    "style_difference",
    "style_distance",
    "warp_error",
]
