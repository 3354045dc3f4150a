"""Figures that say how good stylized pictures are."""

from style_gan_tf.metrics.artfid import artfid
from style_gan_tf.metrics.crops import Crops, Pictures, cut_crops
from style_gan_tf.metrics.diversity import diversity, pairwise_distances
from style_gan_tf.metrics.edge_agreement import edge_agreement
from style_gan_tf.metrics.embedding import embed, standardized
from style_gan_tf.metrics.fidelity import psnr, ssim
from style_gan_tf.metrics.flatness import flatness
from style_gan_tf.metrics.frechet_distance import frechet_distance
from style_gan_tf.metrics.half_sets import half_masks, half_spread
from style_gan_tf.metrics.hue_shift import chroma_ratios, hue_shifts
from style_gan_tf.metrics.judge import Figure, Judge
from style_gan_tf.metrics.kernel_distance import Estimate, kernel_distance
from style_gan_tf.metrics.perceptual_distance import PerceptualDistance, load_lpips
from style_gan_tf.metrics.registry import METRICS, Metric
from style_gan_tf.metrics.sharpness import detail_levels, sharpness
from style_gan_tf.metrics.skin import Faces, compare_faces, find_in_all, skin_shares
from style_gan_tf.metrics.sliced_wasserstein import sliced_wasserstein
from style_gan_tf.metrics.structure_distance import structure_distance
from style_gan_tf.metrics.style_classifier import StyleClassifier
from style_gan_tf.metrics.style_distance import (
    gram_matrix,
    mean_gram_matrices,
    style_difference,
    style_distance,
)
from style_gan_tf.metrics.warp_error import warp_error
from style_gan_tf.networks.face_detector import FaceDetector, find_faces

__all__ = [
    "METRICS",
    "Crops",
    "Estimate",
    "FaceDetector",
    "Faces",
    "Figure",
    "Judge",
    "Metric",
    "PerceptualDistance",
    "Pictures",
    "StyleClassifier",
    "artfid",
    "chroma_ratios",
    "compare_faces",
    "cut_crops",
    "detail_levels",
    "diversity",
    "edge_agreement",
    "embed",
    "find_faces",
    "find_in_all",
    "flatness",
    "frechet_distance",
    "gram_matrix",
    "half_masks",
    "half_spread",
    "hue_shifts",
    "kernel_distance",
    "load_lpips",
    "mean_gram_matrices",
    "pairwise_distances",
    "psnr",
    "sharpness",
    "skin_shares",
    "sliced_wasserstein",
    "ssim",
    "standardized",
    "structure_distance",
    "style_difference",
    "style_distance",
    "warp_error",
]
