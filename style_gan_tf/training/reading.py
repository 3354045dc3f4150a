"""What a run reads: its sources by name, endless batches of them, pictures to look at."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf import data
from style_gan_tf.objectives import objective_entry
from style_gan_tf.training.settings import Settings

_STYLE = "style/"  # before the names of several styles' sources
_REFERENCES = 3  # style images to show, over all styles
_STUDIED = 16  # whole style pictures that an objective looks at, at most
_SETTLED, _SETTLED_EACH = 512, 64  # training pictures over all styles, and of each at least


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
        targets: What should become of `held_out`, in its order; None where that is not known.
        references: Held-out style images to show what becomes of `held_out` by them, of the same
            size; None where one style alone is read.
        whole_styles: Short side in pixels to whole pictures of each style that are trained on,
            float32 `[height, width, 3]` in [-1, 1], at most sixteen of each.
        collections: Side in pixels to squares of some of the training pictures of each of several
            styles, float32 `[n, side, side, 3]` in [-1, 1].
    """

    stream: Callable[[int, range], tf.data.Dataset]
    epoch_images: int
    held_out: np.ndarray
    judged: dict[str, np.ndarray] | None = None
    targets: np.ndarray | None = None
    references: np.ndarray | None = None
    whole_styles: Callable[[int], list[list[np.ndarray]]] = lambda size: []
    collections: Callable[[int], list[np.ndarray]] = lambda size: []


@dataclasses.dataclass
class Opened:
    """A run's sources by name, and how their pictures become examples.

    Of several styles each is a source of its own, `style/NAME`.
    """

    sources: dict[str, data.Source]
    augmentation: data.Augmentation

    @property
    def styles(self) -> dict[str, data.Source]:
        """Of several styles, each one's source; else empty."""
        return {
            name.removeprefix(_STYLE): source
            for name, source in self.sources.items()
            if name.startswith(_STYLE)
        }


class Stream:
    """Batches of several sources side by side, from any step on."""

    def __init__(self, opened: Opened, settings: Settings) -> None:
        self.opened, self.settings = opened, settings

    def __call__(self, start: int, positions: range) -> tf.data.Dataset:
        settings = self.settings
        seeds = {"style": data.style_seed(settings.seed)}
        streams = {}
        augmentation = self.opened.augmentation
        options: dict[str, Any] = {
            "batch_size": settings.batch_size,
            "start": start,
            "positions": positions,
            "cache": settings.cache,
            "max_pixels": settings.max_pixels,
        }
        if styles := self.opened.styles:
            parts = {name: data.split(source, "train") for name, source in styles.items()}
            streams["style"] = data.styled_batches(
                parts, augmentation, seed=seeds["style"], **options
            )
        for name, source in self.opened.sources.items():
            if name.startswith(_STYLE):
                continue
            options["seed"] = seeds.get(name, settings.seed)
            streams[name] = data.batches(data.split(source, "train"), augmentation, **options)
        return data.side_by_side(streams)


def open_data(settings: Settings) -> Opened:
    """Open what the objective reads and leave out what it cannot use, without loading a picture.

    Raises:
        UserError: For a spec that names nothing usable.
    """
    augmentation = data.Augmentation(
        crop=settings.crop,
        load_size=settings.load_size or None,
        flip=settings.flip,
        color_jitter=settings.color_jitter,
    )
    sources: dict[str, data.Source] = {}
    for name in objective_entry(settings.objective).reads:
        if name == "paired":
            pairs = data.open_pairs(
                settings.paired_data,
                direction=settings.direction,
                degrade=settings.degrade,
                max_pixels=settings.max_pixels,
            )
            sources[name] = data.validate(pairs, augmentation)
            continue
        if name == "styles":
            specs = {f"{_STYLE}{style}": spec for style, spec in settings.styles.items()}
        else:
            specs = {name: getattr(settings, f"{name}_data")}
        for key, spec in specs.items():
            source = data.open_source(spec, max_pixels=settings.max_pixels)
            sources[key] = data.validate(source, augmentation)
    return Opened(sources, augmentation)


def read_data(settings: Settings, opened: Opened) -> Data:
    """Training batches of the sources' training parts, and held-out images to look at."""
    lead = next(iter(opened.sources.values()))
    from_noise = objective_entry(settings.objective).from_noise
    size = opened.augmentation.short_side
    if not from_noise:  # What is generated is of the crop's size.
        size = _sample_size(data.split(lead, "held_out"), opened.augmentation)
    shown = _held_out(opened, settings.samples, size, ("content", "paired"))
    judged = None
    if settings.eval_every:
        judged = _held_out(opened, settings.eval_images, size)
        if from_noise:
            judged = {name: _middle(images, settings.crop) for name, images in judged.items()}
    stream = Stream(opened, settings)
    content = shown.get("content", np.zeros((0, size, size, 3), np.float32))
    epoch_images = len(data.split(lead, "train"))

    references = None
    if opened.styles:
        each = -(-_REFERENCES // len(opened.styles))
        references = np.concatenate(
            [data.held_out_pictures(source, each, size) for source in opened.styles.values()]
        )

    def whole_styles(size: int) -> list[list[np.ndarray]]:
        each: list[Any] = [*opened.styles.values()] or [opened.sources["style"]]
        parts = [data.split(style, "train") for style in each]
        return [data.whole_pictures(part, _STUDIED, size) for part in parts]

    @functools.cache
    def collections(size: int) -> list[np.ndarray]:
        each = max(_SETTLED // max(len(opened.styles), 1), _SETTLED_EACH)
        parts = [data.split(source, "train") for source in opened.styles.values()]
        return [data.read_squares(data.spread(part, each), size)[0] for part in parts]

    targets = shown.get("target")
    return Data(
        stream, epoch_images, content, judged, targets, references, whole_styles, collections
    )


def _held_out(
    opened: Opened, count: int, size: int, only: tuple[str, ...] = ()
) -> dict[str, np.ndarray]:
    """Held-out images by name, of some sources or of all."""
    images = {}
    for name, source in opened.sources.items():
        if only and name not in only:
            continue
        pictures = data.held_out_pictures(source, count, size)
        if source.channels == 6:
            images["content"], images["target"] = data.content_and_target(pictures)
        else:
            images[name] = pictures
    return images


def _sample_size(held_out: data.Source, augmentation: data.Augmentation) -> int:
    """256 pixels a side where the pictures have them, never less than training resizes to.

    The content of a pair may be smaller than its target: it is enlarged as far as in training.
    """
    sides = []
    for sizes in map(held_out.known_sizes, range(len(held_out))):
        if sizes:
            *contents, shown = map(min, sizes)
            sides.append(min([shown, *(data.MAX_ENLARGEMENT * side for side in contents)]))
    return max(augmentation.short_side, min([256, *sides])) if sides else augmentation.short_side


def _middle(images: np.ndarray, size: int) -> np.ndarray:
    first = (images.shape[1] - size) // 2
    return images[:, first : first + size, first : first + size]
