"""`train(...)`: what the command does, from Python."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.training.loop import Outcome, train_run
from style_gan_tf.training.run import Data, Run, open_data, read_sources
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.settings import Settings


def train(
    generator: str | Network,
    discriminator: str | Network,
    data: "tuple[str, str] | tf.data.Dataset",
    epochs: float = 0.0,
    objective: str = "contrastive",
    run_dir: str | Path | None = None,
    **options: Any,
) -> Outcome:
    """Train a GAN on pictures; the same call again resumes the run.

    Args:
        generator: An architecture's name, or a network to build the generators like.
        discriminator: The same for the discriminators.
        data: A pair of dataset specs, content and style; or a dataset of batches
            `(content, style)`, float32 `[batch, crop, crop, 3]` in [-1, 1], with a known
            cardinality or endless.
        epochs: Rounds over the content images; 0 where `steps` or `max_minutes` limits the run.
        objective: A name in `style_gan_tf.objectives.OBJECTIVES`.
        run_dir: Where the run lives; default: a new temporary folder.
        options: Any other field of `Settings` (`steps`, `crop`, `batch_size`, ...); other names
            are options of the objective (`nce_weight=2.0`).

    Returns:
        The outcome; `outcome.generator` is ready to use.

    Raises:
        UserError: As the command would report it.

    Example:
        >>> outcome = train("fast", "patch", ("demo:photos", "demo:paintings"), steps=4,
        ...                 crop=64, batch_size=2)
        >>> stylized = any_size(outcome.generator, photos)
    """
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
    if isinstance(data, tf.data.Dataset):
        shape = _batch_shape(data)
        chosen |= {"batch_size": shape[0], "crop": shape[1], "content_data": "", "style_data": ""}
    else:
        chosen |= {"content_data": data[0], "style_data": data[1]}
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
    if isinstance(data, tf.data.Dataset):
        read = _from_dataset(data, settings)
    else:
        read = read_sources(settings, *open_data(settings))
    return train_run(Run(settings, read, **given), folder)


def _batch_shape(data: tf.data.Dataset) -> tuple[int, int]:
    content = next(iter(data.take(1)))[0]
    return int(content.shape[0]), int(content.shape[1])


def _from_dataset(data: tf.data.Dataset, settings: Settings) -> Data:
    """Read a dataset of (content, style) batches, over and over."""
    size = settings.batch_size
    count = int(data.cardinality())

    def stream(start: int, positions: range) -> tf.data.Dataset:
        def part(content: Any, style: Any) -> dict[str, Any]:
            first, last = positions.start, positions.stop
            return {
                "content": content[first:last],
                "style": style[first:last],
                "positions": tf.range(first, last, dtype=tf.int32),
            }

        endless = data.filter(lambda content, style: tf.shape(content)[0] == size).repeat()
        return endless.skip(start).map(part)

    shown = next(iter(data.take(1)))[0].numpy()[: settings.samples]
    return Data(stream, count * size if count > 0 else size, np.asarray(shown, np.float32))
