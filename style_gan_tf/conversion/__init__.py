"""Checkpoints of the official PyTorch CycleGAN, pix2pix and CUT as networks of this package."""

from style_gan_tf.conversion.checkpoint import read_state_dict
from style_gan_tf.conversion.official import NETWORKS
from style_gan_tf.conversion.parts import STATISTICS
from style_gan_tf.conversion.plan import Plan, build_planned, plan_network

__all__ = [
    "NETWORKS",
    "STATISTICS",
    "Plan",
    "build_planned",
    "plan_network",
    "read_state_dict",
]
