"""EnCo: the content is tied inside one pass, from encoder to decoder (Cai et al. 2024)."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.networks.coded_styles import inputs_and_drives
from style_gan_tf.objectives.patch_nce import sample_patches


class EnCo:
    """Each place of a decoder map shall tell what the encoder's map of its stage had there.

    Cai et al. 2024 ("Rethinking the paradigm of content constraints in unpaired image-to-image
    translation", section 3.2): features of the same stage, before and after the trunk, go through
    one perceptron; the decoder's go through a predictor more; their distance is the mean squared
    difference of unit vectors, and no gradient flows into the encoder's. There are no negatives,
    and the stylized picture need not pass the encoder again, which is what PatchNCE costs.

    Args:
        generator: With layers `encoder_N` and `decoder_N` of one size and as many channels.
        width: Of the projected features.
        patches: Places per map and picture.
        dtype: Dtype policy of the projection.
        drives: Whether the generator takes style weights and what drives its normalizations.

    Attributes:
        with_features: What the generator takes, to `[stylized picture, *encoder's maps, *decoder's
            maps]`.
        projection: Patches of both to unit vectors; trained beside the generator.

    Raises:
        UsageError: When the generator has no such layers.
    """

    def __init__(
        self, generator: Network, *, width: int, patches: int, dtype: str, drives: bool = False
    ) -> None:
        names = {layer.name: layer for layer in generator.layers}
        stages = sorted(name.removeprefix("decoder_") for name in names if "decoder_" in name)
        if not stages:
            architecture = generator.recipe["architecture"]
            raise UsageError(
                f"--set nce=enco: generator {architecture!r} has no decoder whose stages match its "
                "encoder's; take --generator=fast or resnet, or --set nce=patch"
            )
        maps = [names[f"{side}_{n}"].output for side in ("encoder", "decoder") for n in stages]
        takes = inputs_and_drives(generator) if drives else generator.inputs
        self.stages, self.patches = len(stages), patches
        self.with_features = keras.Model(
            takes if len(takes) > 1 else takes[0], [generator.output, *maps], name="with_features"
        )
        channels = [map_.shape[-1] for map_ in maps[: self.stages]]
        self.projection = _build_projection(channels, width, dtype)

    def loss(
        self, features: list[Any], output_features: list[Any], seed: Any, of_each: Any = None
    ) -> Any:
        """Mean over stages, places and pictures; 0: told exactly, 2: at random.

        Args:
            features: The encoder's maps.
            output_features: The decoder's maps of the same stages.
            seed: int32 `[2]`, for the places.
            of_each: Factors float32 `[batch]` for the pictures; default 1.
        """
        places = tf.random.fold_in(seed, 4)
        given = [
            *sample_patches(features, self.patches, places),
            *sample_patches(output_features, self.patches, places),
        ]
        found = self.projection(given)
        pairs = zip(found[: self.stages], found[self.stages :], strict=True)
        terms = [enco_loss(told, had, of_each) for had, told in pairs]
        return tf.add_n(terms) / len(terms)


def enco_loss(told: Any, had: Any, of_each: Any = None) -> Any:
    """`|told - had|^2`, the mean over places and pictures (Cai et al. 2024, equation 3).

    Args:
        told: `[batch, places, width]` of the decoder, of unit length.
        had: The same of the encoder; no gradient flows into it.
        of_each: Factors float32 `[batch]` for the pictures; default 1.
    """
    squares = tf.reduce_sum(tf.square(told - tf.stop_gradient(had)), axis=-1)
    return tf.reduce_mean(squares if of_each is None else of_each[:, tf.newaxis] * squares)


def _build_projection(channels: list[int], width: int, dtype: str) -> keras.Model:
    """A perceptron a stage for both sides, and a predictor for the decoder's."""
    encoders = [keras.Input((None, count), name=f"encoder_{i}") for i, count in enumerate(channels)]
    decoders = [keras.Input((None, count), name=f"decoder_{i}") for i, count in enumerate(channels)]
    had, told = [], []
    for encoder, decoder in zip(encoders, decoders, strict=True):
        shared = [_dense(width, "relu", dtype), _dense(width, None, dtype)]
        predictor = [_dense(width, "relu", dtype), _dense(width, None, dtype)]
        had.append(_unit(_through(encoder, shared)))
        told.append(_unit(_through(decoder, [*shared, *predictor])))
    return keras.Model([*encoders, *decoders], [*had, *told], name="projection")


def _dense(width: int, activation: str | None, dtype: str) -> keras.layers.Layer:
    return keras.layers.Dense(
        width, activation=activation, kernel_initializer="he_normal", dtype=dtype
    )


def _through(x: Any, layers: list[keras.layers.Layer]) -> Any:
    for layer in layers:
        x = layer(x)
    return x


def _unit(x: Any) -> Any:
    return keras.layers.UnitNormalization(axis=-1, dtype="float32")(x)
