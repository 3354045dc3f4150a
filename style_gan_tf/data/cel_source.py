"""`cel:SPEC`: the pictures of another data set, drawn as cartoons."""

from collections.abc import Callable, Sequence

import numpy as np

from style_gan_tf.data.cel_renderer import render_cel
from style_gan_tf.data.source import Source
from style_gan_tf.errors import UserError


class CelSource(Source):
    """Cartoons of the pictures of another source, drawn when they are asked for.

    Drawing takes about half a second a picture: train with `--cache`, which asks once.
    """

    def __init__(self, spec: str, photos: Source) -> None:
        super().__init__(spec, photos.keys, max_pixels=photos.max_pixels)
        self.photos = photos
        self.skipped = photos.skipped
        self.held_out_keys = photos.held_out_keys

    def read(self, index: int) -> bytes:
        """The encoded photograph: a drawing is never encoded."""
        return self.photos.read(index)

    def picture(self, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        return render_cel(self.photos.picture(index, max_pixels=max_pixels, at_least=at_least))

    def known_size(self, index: int) -> tuple[int, int] | None:
        return self.photos.known_size(index)

    def size(self, index: int) -> tuple[int, int]:
        return self.photos.size(index)

    def name(self, index: int) -> str:
        return self.photos.name(index)

    def skip(self, key: str, reason: str) -> None:
        self.photos.skip(key, reason)

    def skip_all(self, skipped: Sequence[tuple[str, str]]) -> None:
        self.photos.skip_all(skipped)


def open_cel(
    spec: str, rest: str, *, max_pixels: int, open_source: Callable[..., Source]
) -> Source:
    """Open `cel:SPEC`.

    Args:
        spec: What errors name.
        rest: The spec of the photographs.
        max_pixels: Pictures with more pixels are skipped.
        open_source: What opens that.

    Raises:
        UserError: Without a spec, or what `open_source` raises.
    """
    if not rest:
        raise UserError(f"{spec} names no photographs: give cel:photos/")
    return CelSource(spec, open_source(rest, max_pixels=max_pixels))
