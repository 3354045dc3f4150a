"""Pictures -> batches: sources named by a spec, augmentation, the input pipeline.

Nothing here imports TensorFlow before it is needed, so that a command can check its specs first.
"""

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.check import check_report
from style_gan_tf.data.pipeline import batches, side_by_side, style_seed
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.sources import open_source
from style_gan_tf.data.split import split
from style_gan_tf.data.squares import held_out_pictures, read_squares, spread
from style_gan_tf.data.validation import validate
from style_gan_tf.data.whole_pictures import whole_pictures

__all__ = [
    "Augmentation",
    "Source",
    "Subset",
    "batches",
    "check_report",
    "held_out_pictures",
    "open_source",
    "read_squares",
    "side_by_side",
    "split",
    "spread",
    "style_seed",
    "validate",
    "whole_pictures",
]
