"""Content and style as a trained network sees them (Gatys et al. 2016; Johnson et al. 2016)."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import Extractor, gram_matrix
from style_gan_tf.networks.style_encoder import mean_and_deviation

CONTENT_LAYER = "relu3_1"


class FeatureLosses:
    """What content and style of pictures are measured by.

    Args:
        extractor: Whose feature maps.
        content_layer: The map whose activations are the content; "": relu3_1.
        style_layers: The maps whose Gram matrices are the style, by name; none: all.
        style_scales: Gram matrices are taken of the pictures themselves, of their halves, ...:
            so many sizes. A map that sees 24 pixels sees 48 of the picture in its half, so broad
            strokes are met by a network of few layers (Snelgrove 2017, section 3).

    Raises:
        UsageError: For a layer that the extractor does not have.
    """

    def __init__(
        self,
        extractor: Extractor,
        content_layer: str = "",
        style_layers: Sequence[str] = (),
        style_scales: int = 3,
    ) -> None:
        self.extractor = extractor
        self.style_scales = style_scales
        outputs = dict(zip(extractor.layers, extractor.network.outputs, strict=True))
        content = [content_layer or CONTENT_LAYER]
        style = list(style_layers or extractor.layers)
        for option, names in (("content_layer", content), ("style_layers", style)):
            if unknown := set(names) - set(outputs):
                raise UsageError(
                    f"--set {option}={','.join(names)}: {extractor.name} has no "
                    f"{', '.join(sorted(unknown))}; it has {', '.join(extractor.layers)}"
                )
        # Networks of their own: nothing deeper is computed than is asked for.
        image = extractor.network.input
        self._content = keras.Model(image, outputs[content[0]])
        self._style = keras.Model(image, [outputs[name] for name in style])
        self._both = keras.Model(image, [outputs[name] for name in (*content, *style)])
        self.channels = [outputs[name].shape[-1] for name in style] * style_scales
        # The smallest height and width of pictures.
        self.minimum = extractor.minimum * 2 ** (style_scales - 1)

    def content(self, images: Any) -> Any:
        """The content map `[batch, rows, columns, channels]` of pictures.

        Args:
            images: float32 `[batch, height, width, 3]` in [-1, 1].
        """
        return self._content(images, training=False)

    def content_and_maps(self, images: Any) -> tuple[Any, list[Any]]:
        """The content map and the maps whose statistics are the style, in one pass.

        Args:
            images: float32 `[batch, height, width, 3]` in [-1, 1], `minimum` pixels a side or
                more.

        Returns:
            The content map, and for each scale, the finest first, and each style layer a map
            `[batch, rows, columns, channels]`.
        """
        content, *maps = self._both(images, training=False)
        return content, maps + self._coarser(images)

    def maps(self, images: Any) -> list[Any]:
        """The second of `content_and_maps` alone."""
        return _listed(self._style(images, training=False)) + self._coarser(images)

    def _coarser(self, images: Any) -> list[Any]:
        maps = []
        for _ in range(1, self.style_scales):
            images = tf.nn.avg_pool2d(images, 2, 2, "VALID")
            maps += _listed(self._style(images, training=False))
        return maps

    def content_and_style(self, images: Any) -> tuple[Any, list[Any]]:
        """The content map and the Gram matrices of pictures; see `content_and_maps`.

        Returns:
            The map, and of each style map a float32 `[batch, channels, channels]`.
        """
        content, maps = self.content_and_maps(images)
        return content, gram_matrices(maps)

    def style(self, pictures: Sequence[np.ndarray]) -> list[Any]:
        """The mean Gram matrices of some pictures: the style that they have in common.

        Args:
            pictures: float32 `[height, width, 3]` in [-1, 1]; sizes may differ.

        Returns:
            As of `content_and_style`, without the batch: float32 `[channels, channels]` each.
        """
        each = [self.content_and_style(tf.constant(picture[np.newaxis]))[1] for picture in pictures]
        return [tf.add_n(grams)[0] / len(pictures) for grams in zip(*each, strict=True)]


def content_loss(features: Any, wanted: Any) -> Any:
    """`|F - F'|^2 / |F'|^2`, the mean over the pictures (Gatys et al. 2016, equation 1).

    Relative to the photo's own features, so that a weight means the same for any network and any
    layer. 0: the same; 1: as far as having no features at all.

    Args:
        features: A map `[batch, rows, columns, channels]` of the stylized pictures.
        wanted: The same of the photos; no gradient flows into it.
    """
    return tf.reduce_mean(_relative_squares(features, wanted))


def style_loss(grams: Sequence[Any], wanted: Sequence[Any]) -> Any:
    """`|G - G'| / |G'|`, the mean over maps and pictures (Gatys et al. 2016, equation 5).

    Relative to the style's own Gram matrix, each map weighs the same in any network and for any
    painting, and the matrices' own normalization cancels. The paper squares the distance; then one
    photo far from the style outvotes all others of a batch, and a generator ends farther from the
    style at more of the content's cost (docs/recipes.md). 0: the same; 1: as far as having no style
    at all.

    Args:
        grams: Gram matrices `[batch, channels, channels]` of the stylized pictures.
        wanted: `[channels, channels]` each, one style for all, or `[batch, channels, channels]`;
            no gradient flows into them.
    """
    terms = [
        _relative_distance(gram, target if len(target.shape) == 3 else target[tf.newaxis])
        for gram, target in zip(grams, wanted, strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def statistics_loss(maps: Sequence[Any], wanted: Sequence[Any]) -> Any:
    """Distance of the channels' means and deviations, the mean over maps and pictures.

    Huang and Belongie 2017, equation 13, relative to the style's own as in `style_loss`: 0: the
    same; 1: as far as a silent map.

    Args:
        maps: `[batch, rows, columns, channels]` of the stylized pictures.
        wanted: The same of their styles; sizes may differ. No gradient flows into them.
    """
    terms = [
        _relative_distance(_statistics(found), _statistics(target))
        for found, target in zip(maps, wanted, strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def gram_matrices(maps: Sequence[Any]) -> list[Any]:
    """Of each map, float32 `[batch, channels, channels]`."""
    return [gram_matrix(tf.cast(x, tf.float32)) for x in maps]


def total_variation(images: Any) -> Any:
    """Mean absolute difference of neighbours, down plus across (Rudin et al. 1992).

    Args:
        images: `[batch, height, width, channels]`.
    """
    down = tf.abs(images[:, 1:] - images[:, :-1])
    across = tf.abs(images[:, :, 1:] - images[:, :, :-1])
    return tf.reduce_mean(down) + tf.reduce_mean(across)


def _statistics(maps: Any) -> Any:
    return tf.concat(mean_and_deviation(maps), axis=-1)


def _listed(maps: Any) -> list[Any]:
    return list(maps) if isinstance(maps, list | tuple) else [maps]


def _relative_distance(values: Any, wanted: Any) -> Any:
    # The tiny constant keeps the root's derivative finite at the style itself.
    return tf.reduce_mean(tf.sqrt(_relative_squares(values, wanted) + 1e-12))


def _relative_squares(values: Any, wanted: Any) -> Any:
    """Squared distance of each example, in units of the square of what is wanted."""
    values = tf.cast(values, tf.float32)
    wanted = tf.stop_gradient(tf.cast(wanted, tf.float32))
    axes = list(range(1, values.shape.rank))
    distance = tf.reduce_sum(tf.square(values - wanted), axes)
    return tf.math.divide_no_nan(distance, tf.reduce_sum(tf.square(wanted), axes))
