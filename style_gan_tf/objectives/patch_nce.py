"""PatchNCE: each patch of the output shall find its own patch of the input among the others."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.networks.coded_styles import inputs_and_drives


def encoder_of(generator: Network, first: int = 0, drives: bool = False) -> keras.Model:
    """The generator up to its layers named `encoder_*`: picture to a list of feature maps.

    Args:
        generator: Whose layers; the encoder takes what it takes, style weights included.
        first: The shallowest map to give; 0: all.
        drives: Whether it takes what drives the normalizations as well; see `with_drives`.
    """
    return keras.Model(_takes(generator, drives), _maps(generator, first), name="encoder")


def with_features(generator: Network, first: int = 0, drives: bool = False) -> keras.Model:
    """The generator with its `encoder_*` feature maps: picture to [stylized picture, *maps].

    The arguments are those of `encoder_of`.
    """
    outputs = [generator.output, *_maps(generator, first)]
    return keras.Model(_takes(generator, drives), outputs, name="with_features")


def check_first_map(generator: Network, first: int) -> None:
    """Make sure that PatchNCE has a map to compare.

    Raises:
        UsageError: When `first` leaves none.
    """
    maps = len(_maps(generator, 0))
    if first >= maps:
        raise UsageError(
            f"--set first_map={first}: leaves PatchNCE none of the generator's {maps} maps"
        )


def _maps(generator: Network, first: int) -> list[Any]:
    """Tensors of the generator's own graph; those of a model made of it may be copies."""
    layers = [layer for layer in generator.layers if layer.name.startswith("encoder_")]
    layers.sort(key=lambda layer: int(layer.name.removeprefix("encoder_")))
    return [layer.output for layer in layers[first:]]


def _takes(generator: Network, drives: bool) -> Any:
    if drives:
        return inputs_and_drives(generator)
    return generator.inputs if len(generator.inputs) > 1 else generator.inputs[0]


def build_projection(channels: list[int], width: int, dtype: str) -> keras.Model:
    """One two-layer perceptron a feature map (Park et al. 2020, appendix C.2).

    Takes a list of `[batch, patches, channels]` and gives a list of `[batch, patches, width]`,
    float32, of unit length.
    """
    inputs = [keras.Input((None, count), name=f"patches_{i}") for i, count in enumerate(channels)]
    outputs = []
    for x in inputs:
        for activation in ("relu", None):
            # One initializer each: a shared one would draw the same numbers for every layer.
            initializer = keras.initializers.RandomNormal(stddev=0.02)
            x = keras.layers.Dense(
                width, activation=activation, kernel_initializer=initializer, dtype=dtype
            )(x)
        outputs.append(keras.layers.UnitNormalization(axis=-1, dtype="float32")(x))
    return keras.Model(inputs, outputs, name="projection")


def sample_patches(features: list[Any], count: int, seed: Any) -> list[Any]:
    """Take the same random places of every picture, other places for every map.

    Args:
        features: Maps `[batch, rows, columns, channels]`.
        count: Places, at most; a map with fewer gives all.
        seed: int32 `[2]`: the same seed gives the same places.

    Returns:
        A list of `[batch, places, channels]`.
    """
    sampled = []
    for index, feature in enumerate(features):
        shape = tf.shape(feature)
        places = shape[1] * shape[2]
        order = tf.argsort(tf.random.stateless_uniform([places], tf.random.fold_in(seed, index)))
        flat = tf.reshape(feature, [shape[0], places, feature.shape[-1]])
        sampled.append(tf.gather(flat, order[:count], axis=1))
    return sampled


def patch_nce_loss(
    queries: Any,
    keys: Any,
    temperature: float = 0.07,
    of_each: Any = None,
    hard_negatives: float = 0.0,
) -> Any:
    """Cross-entropy of finding one's own place among all places of the picture.

    Park et al. 2020, equation 3: `-log softmax(q . k / temperature)` at q's own place, averaged.

    Args:
        queries: `[batch, places, width]` of the stylized picture, of unit length.
        keys: The same of the content image; no gradient flows into them.
        temperature: Smaller: harder.
        of_each: Factors float32 `[batch]` for the pictures; default 1.
        hard_negatives: How much more the other places count that look like q's own: each in
            proportion to `exp(hard_negatives * q . k / temperature)`, one on average (Robinson et
            al. 2021, equation 4); 0: all the same.

    Returns:
        The scalar mean, float32.
    """
    keys = tf.stop_gradient(keys)
    logits = tf.matmul(queries, keys, transpose_b=True) / temperature
    own = tf.linalg.diag_part(logits)
    if hard_negatives:
        logits += tf.stop_gradient(_importance(logits, hard_negatives))
    losses = tf.reduce_logsumexp(logits, axis=-1) - own
    return tf.reduce_mean(losses if of_each is None else of_each[:, tf.newaxis] * losses)


def _importance(logits: Any, concentration: float) -> Any:
    """Logarithms of the negatives' factors `[batch, places, places]`; the diagonal's is 0."""
    shape = tf.shape(logits)[:-1]
    others = tf.linalg.set_diag(concentration * logits, tf.fill(shape, logits.dtype.min))
    count = tf.math.log(tf.cast(tf.maximum(shape[-1] - 1, 1), logits.dtype))
    return tf.linalg.set_diag(tf.nn.log_softmax(others) + count, tf.zeros(shape, logits.dtype))


class PatchNce:
    """PatchNCE over a generator's own encoder, with the projection that is trained beside it.

    Args:
        generator: Whose `encoder_*` maps are compared.
        first_map: The shallowest of them; 1 leaves out the first.
        width: Of the projected features.
        patches: Places per map and picture.
        temperature: See `patch_nce_loss`.
        hard_negatives: Likewise.
        dtype: Dtype policy of the projection.
        drives: See `encoder_of`.

    Attributes:
        encoder: What the generator takes, to the maps.
        with_features: The same, to `[stylized picture, *maps]`.
        projection: Patches of the maps to features of unit length.

    Raises:
        UsageError: When `first_map` leaves no map.
    """

    def __init__(
        self,
        generator: Network,
        *,
        first_map: int,
        width: int,
        patches: int,
        temperature: float,
        hard_negatives: float = 0.0,
        dtype: str,
        drives: bool = False,
    ) -> None:
        check_first_map(generator, first_map)
        self.patches, self.temperature = patches, temperature
        self.hard_negatives = hard_negatives
        self.encoder = encoder_of(generator, first_map, drives)
        self.with_features = with_features(generator, first_map, drives)
        channels = [feature.shape[-1] for feature in self.encoder.outputs]
        self.projection = build_projection(channels, width, dtype)

    def loss(
        self, features: list[Any], output_features: list[Any], seed: Any, of_each: Any = None
    ) -> Any:
        """Mean over the maps.

        Args:
            features: The encoder's maps of the content.
            output_features: Those of what became of it.
            seed: int32 `[2]`, for the places.
            of_each: Factors float32 `[batch]` for the pictures; default 1.
        """
        places = tf.random.fold_in(seed, 4)
        keys = self.projection(sample_patches(features, self.patches, places))
        queries = self.projection(sample_patches(output_features, self.patches, places))
        terms = [
            patch_nce_loss(query, key, self.temperature, of_each, self.hard_negatives)
            for query, key in zip(queries, keys, strict=True)
        ]
        return tf.add_n(terms) / len(terms)
