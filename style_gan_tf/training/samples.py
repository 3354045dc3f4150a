"""Sheets of held-out pictures, or noise, and what the averaged generator makes of them."""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from style_gan_tf.images import captioned_sheet, eight_bits, sheet
from style_gan_tf.networks import Network, any_size, by_code, encode_style


@dataclasses.dataclass(frozen=True)
class SampleSheet:
    """Rows of pictures, uint8 `[height, width, 3]` all of one size, and what each row shows."""

    rows: list[list[np.ndarray]]
    names: list[str]

    def plain(self) -> np.ndarray:
        """The rows below each other, uint8 `[height, width, 3]`."""
        return sheet(self.rows)

    def labelled(self) -> np.ndarray:
        """The same with the row's name above each picture."""
        captions = [[name] * len(row) for row, name in zip(self.rows, self.names, strict=True)]
        return captioned_sheet(self.rows, captions)


class Samples:
    """Shows what becomes of the same few held-out pictures, or noise, again and again.

    Args:
        pictures: float32 `[n, size, size, 3]` in [-1, 1], or noise, float32 `[n, latent]`.
        targets: What should become of them, the same shape; None where that is not known.
        references: Style pictures to paint them by, float32 `[m, size, size, 3]`, for a generator
            with a style encoder.
    """

    def __init__(
        self,
        pictures: np.ndarray,
        targets: np.ndarray | None = None,
        references: np.ndarray | None = None,
    ) -> None:
        self.pictures = pictures
        self.targets = targets
        self.references = references

    def paint(self, generator: Network) -> SampleSheet:
        """Photos, below them a row for each style, targets last.

        Of noise it is a square of what is generated. By references it has further rows, each with
        its reference on the left.
        """
        if generator.latent is not None:
            found = [generator(noise[np.newaxis], training=False)[0] for noise in self.pictures]
            square = _square([eight_bits(picture) for picture in found])
            return SampleSheet(square, ["generated"] * len(square))
        # One by one: a sheet is no reason to need more memory than training does.
        stylized = [
            [_stylize(generator, picture, weights) for picture in self.pictures]
            for weights in np.eye(generator.num_styles, dtype=np.float32)
        ]
        names = ["photo", *(generator.styles if len(stylized) > 1 else ["stylized"])]
        rows = [list(self.pictures), *stylized]
        if self.targets is not None:
            rows, names = [*rows, list(self.targets)], [*names, "target"]
        if generator.style_encoder is not None and self.references is not None:
            blank = np.ones_like(self.pictures[0])
            rows = [[blank, *row] for row in rows] + self._by_references(generator)
            names += ["by the picture on the left"] * len(self.references)
        return SampleSheet([[eight_bits(picture) for picture in row] for row in rows], names)

    def _by_references(self, generator: Network) -> list[list[np.ndarray]]:
        assert self.references is not None
        codes = [encode_style(generator, picture[np.newaxis])[0] for picture in self.references]
        driven = by_code(generator)
        return [
            [reference, *(_stylize(driven, picture, code.numpy()) for picture in self.pictures)]
            for reference, code in zip(self.references, codes, strict=True)
        ]


def _stylize(generator: Network, picture: np.ndarray, style_weights: np.ndarray) -> np.ndarray:
    given, weights = tf.constant(picture[np.newaxis]), style_weights[np.newaxis]
    return any_size(generator, given, style_weights=weights).numpy()[0]


def _square(pictures: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Rows of as many pictures as there are rows, or nearly."""
    columns = math.ceil(math.sqrt(len(pictures)))
    return [pictures[i : i + columns] for i in range(0, len(pictures), columns)]
