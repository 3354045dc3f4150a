"""Several styles in one stream: as many pictures of each in every batch."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.pipeline import batches
from style_gan_tf.data.source import Source
from style_gan_tf.errors import UsageError

if TYPE_CHECKING:
    import tensorflow as tf

_ALONE = "collection"  # the name of a style that stands alone
_TAKEN = "reference"  # stylize --style calls the picture of --style_image so
_STYLES_APART = 7919  # between the seeds of two styles: their streams must not go in step


def name_styles(specs: Sequence[str], fewest: int = 2) -> dict[str, str]:
    """Dataset specs by style, from `NAME=SPEC` each, split at the first `=`.

    Args:
        specs: The items.
        fewest: Styles at least. Where one is enough, a single spec needs no name: it is called
            `collection`.

    Raises:
        UsageError: For fewer than that, a missing, a repeated or a taken name.
    """
    named: dict[str, str] = {}
    if fewest == 1 and len(specs) == 1 and specs[0] and "=" not in specs[0]:
        return {_ALONE: specs[0]}
    for item in specs:
        name, separator, spec = item.partition("=")
        if not separator or not name or not spec:
            raise UsageError(f"--style_data={item}: with several styles write NAME=SPEC")
        if set(name) & set(",:/\\ "):
            raise UsageError(f"--style_data={item}: a name has no comma, colon, slash or space")
        if name == _TAKEN:
            raise UsageError(
                f"--style_data={item}: stylize calls the picture of --style_image {name}; take "
                "another name"
            )
        if name in named:
            raise UsageError(f"--style_data={item}: {name} is named twice")
        named[name] = spec
    if len(named) < fewest:
        raise UsageError(
            "--style_data: give two styles or more, each --style_data=NAME=SPEC"
            if fewest > 1
            else "--style_data is missing: name the style images"
        )
    return named


def styled_batches(
    sources: Mapping[str, Source],
    augmentation: Augmentation,
    *,
    batch_size: int,
    seed: int,
    positions: Sequence[int] | None = None,
    **options: Any,
) -> "tf.data.Dataset":
    """Read several sources forever, each for its share of every batch.

    Position p of the global batch belongs to style p modulo the number of styles. Where there are
    more styles than positions they take turns: the batch after the one of the first styles is of
    the next ones, and so on round and round.

    Args:
        sources: The training pictures by style.
        augmentation: How a picture becomes an example.
        batch_size: Of the global batch; a multiple of the number of styles, or a part of it.
        seed: Any integer.
        positions: Which positions of the global batch to deliver; default all.
        options: Others of `batches`: `start`, `cache`, `max_pixels`.

    Returns:
        A dataset of `{"images": float32 [b, crop, crop, 3] in [-1, 1], "style_index": int32 [b],
        "positions": int32 [b]}`.

    Raises:
        UsageError: When neither the batch divides among the styles nor they among batches.
    """
    import tensorflow as tf

    count = len(sources)
    if batch_size % count and count % batch_size:
        raise UsageError(
            f"--batch_size={batch_size}: {count} styles share a batch: make it a "
            f"multiple of {count}, or a number that divides it"
        )
    if batch_size < count:
        turns = count // batch_size
        start = int(options.pop("start", 0))
        names = list(sources)
        groups = []
        for turn in range(turns):
            group = {name: sources[name] for name in names[turn * batch_size :][:batch_size]}
            before = (start - turn + turns - 1) // turns  # of its batches before the first wanted
            groups.append(
                _offset_styles(
                    styled_batches(
                        group,
                        augmentation,
                        batch_size=batch_size,
                        seed=seed + _STYLES_APART * turn * batch_size,
                        positions=positions,
                        start=before,
                        **options,
                    ),
                    turn * batch_size,
                )
            )
        order = tf.data.Dataset.range(start, np.iinfo(np.int64).max).map(lambda step: step % turns)
        return tf.data.Dataset.choose_from_datasets(groups, order, stop_on_empty_dataset=True)
    wanted = np.array(range(batch_size) if positions is None else positions, np.int32)
    streams, order = [], []
    for index, source in enumerate(sources.values()):
        own = wanted[wanted % count == index]
        if not len(own):
            continue
        order += own.tolist()
        streams.append(
            batches(
                source,
                augmentation,
                batch_size=batch_size // count,
                seed=seed + _STYLES_APART * index,
                positions=[int(place) // count for place in own],
                **options,
            )
        )
    # From the styles' order back to that of the positions wanted.
    back = [order.index(position) for position in wanted.tolist()]

    def merge(*parts: dict[str, Any]) -> dict[str, Any]:
        images = tf.concat([part["images"] for part in parts], axis=0)
        return {
            "images": tf.gather(images, back),
            "style_index": tf.constant(wanted % count),
            "positions": tf.constant(wanted),
        }

    return tf.data.Dataset.zip(tuple(streams)).map(merge)


def _offset_styles(dataset: "tf.data.Dataset", first: int) -> "tf.data.Dataset":
    """The same batches, whose styles are counted from `first` on."""
    return dataset.map(lambda batch: {**batch, "style_index": batch["style_index"] + first})
