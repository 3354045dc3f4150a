"""Keras functional models: generators, discriminators and the layers that they share."""

from style_gan_tf.networks.any_size import any_size, surround
from style_gan_tf.networks.coded_styles import (
    by_code,
    encode_style,
    is_coded,
    named_codes,
    rendered_codes,
)
from style_gan_tf.networks.convolution import iterate_spectral
from style_gan_tf.networks.discriminators import DISCRIMINATORS, build_discriminator
from style_gan_tf.networks.dropout import dropout_draws
from style_gan_tf.networks.extractors import EXTRACTORS, Extractor, load_extractor
from style_gan_tf.networks.generators import GENERATORS, build_generator
from style_gan_tf.networks.latent import draw_noise, fixed_noise
from style_gan_tf.networks.network import Network, load_network, rebuild
from style_gan_tf.networks.reach import reach
from style_gan_tf.networks.statistics import normalizing_by
from style_gan_tf.networks.strips import Strips
from style_gan_tf.networks.tile import run_tile, statistics_channels, tile_facts
from style_gan_tf.networks.together import together

__all__ = [
    "DISCRIMINATORS",
    "EXTRACTORS",
    "GENERATORS",
    "Extractor",
    "Network",
    "Strips",
    "any_size",
    "build_discriminator",
    "build_generator",
    "by_code",
    "draw_noise",
    "dropout_draws",
    "encode_style",
    "fixed_noise",
    "is_coded",
    "iterate_spectral",
    "load_extractor",
    "load_network",
    "named_codes",
    "normalizing_by",
    "reach",
    "rebuild",
    "rendered_codes",
    "run_tile",
    "statistics_channels",
    "surround",
    "tile_facts",
    "together",
]
