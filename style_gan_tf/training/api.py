"""`train(...)`: what the command does, from Python."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.objectives import objective_entry
from style_gan_tf.training.assemble import assemble
from style_gan_tf.training.loop import Outcome, train_run
from style_gan_tf.training.reading import Data
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.settings import Settings


def train(
    generator: str | Network,
    discriminator: str | Network,
    data: "str | tuple[str, ...] | tf.data.Dataset",
    epochs: float = 0.0,
    objective: str | None = None,
    run_dir: str | Path | None = None,
    **options: Any,
) -> Outcome:
    """Train a GAN on pictures; the same call again resumes the run.

    Args:
        generator: An architecture's name, or a network to build the generators like.
        discriminator: The same for the discriminators.
        data: Dataset specs in the order that the objective reads them (content, style; one alone
            where it reads one); or a dataset of batches, a tuple of images in that order (the
            images themselves where it reads one), float32 `[batch, crop, crop, 3]` in [-1, 1],
            with a known cardinality or endless.
        epochs: Rounds over the first of those; 0 where `steps` or `max_minutes` limits the run.
        objective: A name in `style_gan_tf.objectives.OBJECTIVES`; default: `gan` where the
            generator takes noise, else `contrastive`.
        run_dir: Where the run lives; default: a new temporary folder.
        options: Any other field of `Settings` (`steps`, `crop`, `batch_size`, ...); other names
            are options of the objective (`nce_weight=2.0`). A crop that is not given is the size
            that a network which is given is fixed to; 64 for the architecture `noise`.

    Returns:
        The outcome; `outcome.generator` is ready to use.

    Raises:
        UserError: As the command would report it.

    Example:
        >>> outcome = train("fast", "patch", ("demo:photos", "demo:van_gogh"), steps=4,
        ...                 crop=64, batch_size=2)
        >>> stylized = any_size(outcome.generator, photos)
        >>> outcome = train("noise", "image", "faces/", epochs=100, batch_size=32)
        >>> pictures = outcome.generator(fixed_noise(16, 128, seed=0))
    """
    objective = objective or ("gan" if _takes_noise(generator) else "contrastive")
    run_dir = run_dir or tempfile.mkdtemp(prefix="style_gan_tf_run_")
    fields = set(Settings.__dataclass_fields__)
    chosen = {name: value for name, value in options.items() if name in fields}
    settled = tuple(f"{name}={value}" for name, value in options.items() if name not in fields)
    networks = {"generator": generator, "discriminator": discriminator}
    given = {name: n for name, n in networks.items() if isinstance(n, Network)}
    # A network given as a pattern is named by its architecture, and its options are noted.
    for name, network in networks.items():
        chosen[name] = network if isinstance(network, str) else network.recipe["architecture"]
    for name, network in given.items():
        settled += tuple(f"{name}.{key}={v}" for key, v in network.recipe["options"].items())
    if "crop" not in chosen and (size := _fixed_size(networks)) is not None:
        chosen["crop"] = size
    if isinstance(data, tf.data.Dataset):
        shape = _batch_shape(data)
        chosen |= {"batch_size": shape[0], "crop": shape[1]}
    else:
        reads = objective_entry(objective).reads
        specs = (data,) if isinstance(data, str) else tuple(data)
        if reads[-1] == "styles":
            specs = (*specs[: len(reads) - 1], specs[len(reads) - 1 :])
        if len(specs) != len(reads):
            raise UsageError(
                f"train: objective {objective!r} reads {' and '.join(reads)}: give "
                f"{len(reads)} dataset specs, not {len(specs)}"
            )
        chosen |= dict(zip(objective_entry(objective).flags, specs, strict=True))
    settings = Settings(
        objective=objective,
        epochs=epochs,
        run_dir=str(run_dir),
        **{**chosen, "set": (*chosen.get("set", ()), *settled)},
    )
    if not (settings.steps or settings.epochs or settings.max_minutes):
        raise UsageError("train: give epochs, steps or max_minutes")
    folder = RunFolder(settings.run_dir)
    folder.check(settings)
    read = _from_dataset(data, settings) if isinstance(data, tf.data.Dataset) else None
    return train_run(assemble(settings, given, read), folder)


def _takes_noise(generator: str | Network) -> bool:
    return generator == "noise" if isinstance(generator, str) else generator.latent is not None


def _fixed_size(networks: dict[str, str | Network]) -> int | None:
    """The size of pictures that a network asks for; None: any will do."""
    given = [network for network in networks.values() if isinstance(network, Network)]
    sizes = [network.size for network in given if network.size is not None]
    return next(iter(sizes), 64 if networks["generator"] == "noise" else None)


def _batch_shape(data: tf.data.Dataset) -> tuple[int, int]:
    """Images in a batch, and their height."""
    first = tf.nest.flatten(next(iter(data.take(1))))[0]
    return int(first.shape[0]), int(first.shape[1])


def _from_dataset(data: tf.data.Dataset, settings: Settings) -> Data:
    """Read a dataset of batches, over and over."""
    size = settings.batch_size
    count = int(data.cardinality())
    names = objective_entry(settings.objective).images

    def stream(start: int, positions: range) -> tf.data.Dataset:
        def part(*images: Any) -> dict[str, Any]:
            first, last = positions.start, positions.stop
            return {
                **{name: image[first:last] for name, image in zip(names, images, strict=True)},
                "positions": tf.range(first, last, dtype=tf.int32),
            }

        endless = data.filter(lambda *images: tf.shape(images[0])[0] == size).repeat()
        return endless.skip(start).map(part)

    shown = np.zeros((0, settings.crop, settings.crop, 3), np.float32)
    if "content" in names:
        images = tf.nest.flatten(next(iter(data.take(1))))
        shown = images[names.index("content")].numpy()[: settings.samples].astype(np.float32)

    def styles(size: int) -> list[list[np.ndarray]]:
        # Crops are all that there is; they are taken in the size that they have.
        del size
        images = tf.nest.flatten(next(iter(data.take(1))))
        return [list(images[names.index("style")].numpy()[:16].astype(np.float32))]

    return Data(stream, count * size if count > 0 else size, shown, whole_styles=styles)
