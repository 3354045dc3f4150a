"""What a run reads: its sources by name, endless batches of them, pictures to look at."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from style_gan_tf import data
from style_gan_tf.objectives import objective_entry
from style_gan_tf.training.settings import Settings

_STUDIED = 16  # whole style pictures that an objective looks at, at most


@dataclasses.dataclass
class Data:
    """What a run reads.

    Attributes:
        stream: (start step, positions of the global batch) to a dataset of batches: images by
            name (see the objectives' registry), float32 `[n, crop, crop, 3]` in [-1, 1], and
            `positions`, int32 `[n]`.
        epoch_images: Images of an epoch.
        held_out: Content images to show, float32 `[n, size, size, 3]`; none where no content
            is read.
        judged: Held-out images by name for the in-loop metric; None: not measured.
        whole_styles: Short side in pixels to whole style pictures that are trained on, float32
            `[height, width, 3]` in [-1, 1], at most sixteen; none where no style is read.
    """

    stream: Callable[[int, range], tf.data.Dataset]
    epoch_images: int
    held_out: np.ndarray
    judged: dict[str, np.ndarray] | None = None
    whole_styles: Callable[[int], list[np.ndarray]] = lambda size: []


@dataclasses.dataclass
class Opened:
    """A run's sources by name, and how their pictures become examples."""

    sources: dict[str, data.Source]
    augmentation: data.Augmentation


class Stream:
    """Batches of several sources side by side, from any step on."""

    def __init__(self, opened: Opened, settings: Settings) -> None:
        self.opened, self.settings = opened, settings

    def __call__(self, start: int, positions: range) -> tf.data.Dataset:
        settings = self.settings
        seeds = {"style": data.style_seed(settings.seed)}
        return data.side_by_side(
            {
                name: data.batches(
                    data.split(source, "train"),
                    self.opened.augmentation,
                    batch_size=settings.batch_size,
                    seed=seeds.get(name, settings.seed),
                    start=start,
                    positions=positions,
                    cache=settings.cache,
                    max_pixels=settings.max_pixels,
                )
                for name, source in self.opened.sources.items()
            }
        )


def open_data(settings: Settings) -> Opened:
    """Open what the objective reads and check it, without loading a picture.

    Raises:
        UserError: For a spec that names nothing usable.
    """
    augmentation = data.Augmentation(
        crop=settings.crop,
        load_size=settings.load_size or None,
        flip=settings.flip,
        color_jitter=settings.color_jitter,
    )
    sources = {}
    for name in objective_entry(settings.objective).reads:
        spec = getattr(settings, f"{name}_data")
        sources[name] = data.open_source(spec, max_pixels=settings.max_pixels)
        data.validate(sources[name], augmentation)
    return Opened(sources, augmentation)


def read_data(settings: Settings, opened: Opened) -> Data:
    """Training batches of the sources' training parts, and held-out images to look at."""
    sources = opened.sources
    first = next(iter(sources.values()))
    from_noise = objective_entry(settings.objective).from_noise
    size = opened.augmentation.short_side
    if not from_noise:  # What is generated is of the crop's size.
        size = _sample_size(data.split(first, "held_out"), opened.augmentation)
    shown = (
        data.held_out_pictures(sources["content"], settings.samples, size)
        if "content" in sources
        else np.zeros((0, size, size, 3), np.float32)
    )
    judged = None
    if settings.eval_every:
        judged = {
            name: data.held_out_pictures(source, settings.eval_images, size)
            for name, source in sources.items()
        }
        if from_noise:
            judged = {name: _middle(images, settings.crop) for name, images in judged.items()}
    stream = Stream(opened, settings)

    def whole_styles(size: int) -> list[np.ndarray]:
        style = data.split(opened.sources["style"], "train")
        return data.whole_pictures(style, _STUDIED, size)

    return Data(stream, len(data.split(first, "train")), shown, judged, whole_styles)


def _sample_size(held_out: data.Source, augmentation: data.Augmentation) -> int:
    """256 pixels a side where the pictures have them, never less than training resizes to."""
    sides = [min(size) for i in range(len(held_out)) if (size := held_out.known_size(i))]
    return max(augmentation.short_side, min([256, *sides])) if sides else augmentation.short_side


def _middle(images: np.ndarray, size: int) -> np.ndarray:
    first = (images.shape[1] - size) // 2
    return images[:, first : first + size, first : first + size]
