"""The styles that a loaded model knows, those of pictures and files added, and what it takes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture
from style_gan_tf.inference.references import REFERENCE, read_reference
from style_gan_tf.inference.saved_styles import read_style, saved_names
from style_gan_tf.inference.style_choice import style_weights


@dataclasses.dataclass(frozen=True)
class StyleTable:
    """What a model takes for each of its styles.

    Attributes:
        names: Of the styles.
        rows: float32 `[styles, numbers]`: what the model takes for each of them in full: style
            weights, or style codes. Multiples are weaker, sums are mixtures.
        encode: A reference picture to such a row; None: the model has no style encoder.
        render: Noise `[n, latent]` and weights `[styles]` to what sets single renderings apart from
            the row of the weights, `[n, numbers]`; None: a style has one rendering.
        latent: Numbers in the noise.
        added: How many of the styles, the last, are pictures' and files', not the model's own.
        coded: Whether the rows are style codes, see `networks.coded_styles`; else style weights.
    """

    names: tuple[str, ...]
    rows: np.ndarray
    encode: Callable[[Picture], np.ndarray] | None = None
    render: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    latent: int = 0
    added: int = 0
    coded: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The names of the styles that the model itself has."""
        return self.names[: len(self.names) - self.added]

    def mixed(self, weights: np.ndarray) -> np.ndarray:
        """What the model takes for weights `[styles]`, which sum to at most 1."""
        return np.asarray(weights, np.float32) @ self.rows

    def with_row(self, name: str, row: np.ndarray) -> "StyleTable":
        """The same with one more style, the last."""
        rows = np.concatenate([self.rows, row[np.newaxis]])
        names = (*self.names, name)
        return dataclasses.replace(self, names=names, rows=rows, added=self.added + 1)

    def renderings(self, weights: np.ndarray, count: int, seed: int) -> np.ndarray:
        """What the model takes for renderings of a style: float32 `[count, numbers]`.

        Args:
            weights: `[styles]`.
            count: How many.
            seed: The same gives the same; more of them begin with the same.

        Raises:
            ValueError: Where a style has one rendering.
        """
        if self.render is None:
            raise ValueError("the model has no mapping network")
        noise = np.stack(
            [np.random.default_rng([seed, i]).normal(size=self.latent) for i in range(count)]
        )
        return self.mixed(weights) + self.render(noise.astype(np.float32), weights)


def photo_kept(table: StyleTable | None, style: np.ndarray | None) -> float:
    """How much of the photo shows through, 0 to 1: what a weaker style leaves of it.

    Args:
        table: The model's.
        style: `[numbers]`, what it takes; see `networks.style_code.Strength`.
    """
    if table is None or style is None:
        return 0.0
    return max(0.0, 1.0 - float(style[0] if table.coded else style.sum()))


def choose(
    table: StyleTable,
    style: str = "",
    style_image: str | Path | None = None,
    saved_styles: str | Path | None = None,
) -> tuple[StyleTable, np.ndarray]:
    """The styles that there are in all, and what the model takes for those that are wanted.

    Args:
        table: The model's own.
        style: See `style_weights`. Default: the reference, else the first.
        style_image: A picture whose style is wanted; in `style` it is called `reference`.
        saved_styles: A folder of codes that `save_style` wrote; those that `style` names are read.

    Raises:
        UsageError: For a style that there is not, or a picture for a model without an encoder.
        UserError: For a picture or a file that cannot be read or has no style.
    """
    if style_image:
        if table.encode is None:
            raise UsageError(
                f"--style_image={style_image}: the model has no style encoder; take one that "
                "--objective=reference trained"
            )
        table = table.with_row(REFERENCE, table.encode(read_reference(style_image)))
        style = style or REFERENCE
    if table.encode is not None and saved_styles:
        known = saved_names(saved_styles)
        for item in style.split(","):
            name = item.strip().partition(":")[0]
            if name in known and name not in table.names:
                table = table.with_row(name, read_style(saved_styles, name, table.encode))
    return table, table.mixed(style_weights(style, table.names))
