"""Photos of a blind test, and pictures that others have painted of them."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from style_gan_tf import data
from style_gan_tf.errors import UserError
from style_gan_tf.reports.pictures import stem


@dataclasses.dataclass(frozen=True)
class Photos:
    """Squares of one size, float32 `[size, size, 3]` in [-1, 1], by the photos' keys.

    Attributes:
        content: The photos.
        painted: What lay in folders, by the folder's name.
        size: Pixels a side.
    """

    content: dict[str, np.ndarray]
    painted: dict[str, dict[str, np.ndarray]]
    size: int

    @property
    def names(self) -> list[str]:
        return list(self.content)


def read_photos(
    content: data.Source, painted: Mapping[str, data.Source], *, size: int, images: int
) -> Photos:
    """Read photos that are there in all folders of painted pictures.

    Args:
        content: Photos.
        painted: Pictures of the same keys, which may differ in their suffix and their size: of
            each the short side is resized, and the middle square taken, as of the photos.
        size: Pixels a side, at most; fewer where most photos have fewer. Smaller photos are left
            out: one thumbnail is no reason to show all others as small.
        images: The most photos, spread evenly over those.

    Raises:
        UserError: When there is no photo of which all have a picture.
    """
    places = {
        name: {stem(key): place for place, key in enumerate(source.keys)}
        for name, source in painted.items()
    }
    common = [
        index
        for index, key in enumerate(content.keys)
        if all(stem(key) in theirs for theirs in places.values())
    ]
    for name, theirs in places.items():
        if not any(stem(key) in theirs for key in content.keys):
            raise UserError(
                f"{painted[name].spec}: no picture of the name of a photo, such as "
                f"{content.keys[0]}"
            )
    if not common:
        raise UserError(f"--blind: no photo is there in all of {', '.join(painted)}")
    chosen = data.spread(data.Subset(content, common), images)
    sides = [min(chosen.size(index)) for index in range(len(chosen))]
    size = min(size, sorted(sides)[(len(sides) - 1) // 2])
    large = data.Subset(chosen, [index for index, side in enumerate(sides) if side >= size])
    photos, names = data.read_squares(large, size)
    found = {}
    for name, source in painted.items():
        subset = data.Subset(source, [places[name][stem(key)] for key in names])
        pictures, read = data.read_squares(subset, size)
        if len(read) != len(names):
            raise UserError(f"{source.spec}: some of the pictures cannot be read")
        found[name] = dict(zip(names, pictures, strict=True))
    return Photos(dict(zip(names, photos, strict=True)), found, size)
