"""Pictures -> batches: sources named by a spec, augmentation, the input pipeline.

Nothing here imports TensorFlow before it is needed, so that a command can check its specs first.
"""

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.check import check_report
from style_gan_tf.data.degradation import DAMAGES, degrade, degrade_all, parse_degradations
from style_gan_tf.data.evaluation_images import (
    held_out_pictures,
    read_squares,
    read_whole_pictures,
    spread,
    whole_pictures,
)
from style_gan_tf.data.loader import MAX_ENLARGEMENT, validate
from style_gan_tf.data.open_source import open_source
from style_gan_tf.data.pairs import DIRECTIONS, PairSource, content_and_target, open_pairs
from style_gan_tf.data.pipeline import batches, side_by_side, style_seed
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split
from style_gan_tf.data.style_batches import name_styles, styled_batches

__all__ = [
    "DAMAGES",
    "DIRECTIONS",
    "MAX_ENLARGEMENT",
    "Augmentation",
    "PairSource",
    "Source",
    "Subset",
    "batches",
    "check_report",
    "content_and_target",
    "degrade",
    "degrade_all",
    "held_out_pictures",
    "name_styles",
    "open_pairs",
    "open_source",
    "parse_degradations",
    "read_squares",
    "read_whole_pictures",
    "side_by_side",
    "split",
    "spread",
    "style_seed",
    "styled_batches",
    "validate",
    "whole_pictures",
]
