"""Are the pictures large enough for the crop?"""

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.errors import UserError

MAX_ENLARGEMENT = 2  # beyond it a picture has nothing left that a discriminator should learn


def why_too_small(size: tuple[int, int], augmentation: Augmentation) -> str | None:
    """The reason why a picture of `size` (width, height) cannot be used, or None."""
    if min(size) * MAX_ENLARGEMENT >= augmentation.short_side:
        return None
    return (
        f"{size[0]} x {size[1]} pixels are too small: the short side would be enlarged more than"
        f" {MAX_ENLARGEMENT} times to {augmentation.short_side}"
    )


def validate(source: Source, augmentation: Augmentation) -> Source:
    """Leave out the pictures that are too small, by headers that were read at opening.

    Of sources that know no sizes in advance (TFDS, TFRecord) nothing is left out here: the
    pipeline skips such pictures when it meets them.

    Returns:
        `source` itself, or a subset of it.

    Raises:
        UserError: When no picture is left.
    """
    usable, skipped = [], []
    for index, key in enumerate(source.keys):
        size = source.known_size(index)
        reason = why_too_small(size, augmentation) if size else None
        if reason is None:
            usable.append(index)
        else:
            skipped.append((key, reason))
    if not usable:
        raise UserError(too_small_for(source, augmentation))
    if not skipped:
        return source
    source.skip_all(skipped)
    return Subset(source, usable, getattr(source, "part", None))


def too_small_for(source: Source, augmentation: Augmentation) -> str:
    """One line for a data set without a picture that is large enough."""
    return (
        f"{source.spec}: every picture is too small for crops of {augmentation.crop} pixels"
        f" (short sides of {-(-augmentation.short_side // MAX_ENLARGEMENT)} or more are needed);"
        " use a smaller crop or larger pictures"
    )
