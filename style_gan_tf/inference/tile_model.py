"""A generator, however it is stored, that runs tiles with given statistics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.inference.memory import OutOfMemory
from style_gan_tf.inference.moments import Moments

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

Wanted = Literal["picture", "next", "all"]
# images, window, known, means, variances, wanted -> stylized images; means, variances and counts
# of some layers from `known` on. Images in [-1, 1].
_Run = Callable[[Any, Any, int, Any, Any, Wanted], tuple[Any, list[Any], list[Any], list[Any]]]


@dataclass(frozen=True)
class TileFacts:
    """What cutting a picture into tiles has to know of a model.

    Attributes:
        stride: Sides of tiles are multiples of it.
        minimum: The smallest side of a tile.
        overlap: Pixels around a tile that it depends on, a multiple of the stride.
        channels: Of each layer whose statistics can be given, in their order.
        bytes_per_pixel: About how much memory a pass takes for each pixel.
    """

    stride: int
    minimum: int
    overlap: int
    channels: tuple[int, ...]
    bytes_per_pixel: int


class TileModel:
    """Runs tiles; made by `keras_tiles` and `saved_model_tiles`.

    Attributes:
        facts: What there is to know.
    """

    def __init__(
        self,
        facts: TileFacts,
        run: _Run,
        surround: Callable[[int, int], tuple[tuple[int, int], tuple[int, int]]],
    ) -> None:
        self.facts = facts
        self._run = run
        self._surround = surround

    def surround(self, height: int, width: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Pixels to add before and after each side of a whole picture, down and across."""
        return self._surround(height, width)

    def paint(self, images: np.ndarray, statistics: Sequence[Moments]) -> np.ndarray:
        """Stylize tiles with the statistics of all layers.

        Args:
            images: float32 `[batch, height, width, 3]` in [-1, 1]; see `networks.run_tile`.
            statistics: One a layer.

        Returns:
            float32, the same shape, in [-1, 1].

        Raises:
            OutOfMemory: When the device has too little memory for these tiles.
        """
        return self._pass(images, None, statistics, "picture")[0]

    def measure(
        self, images: np.ndarray, window: Sequence[int], known: Sequence[Moments]
    ) -> Moments:
        """The statistics of the first layer that is not known, over a window of tiles.

        Args:
            images: See `paint`; those of a batch count together.
            window: Top, left, height and width, multiples of the stride.
            known: Statistics of the layers before.
        """
        return self._pass(images, window, known, "next")[1][0]

    def survey(
        self, images: np.ndarray, window: Sequence[int] | None = None
    ) -> tuple[np.ndarray, list[Moments]]:
        """Stylize pictures by what the window of each measures; and all layers' statistics.

        Args:
            images: See `paint`.
            window: See `measure`; default: all of them.

        Returns:
            float32, the same shape, in [-1, 1]; and one a layer, over all pictures.
        """
        return self._pass(images, window, (), "all")

    def _pass(
        self,
        images: np.ndarray,
        window: Sequence[int] | None,
        known: Sequence[Moments],
        wanted: Wanted,
    ) -> tuple[np.ndarray, list[Moments]]:
        import tensorflow as tf

        height, width = images.shape[1:3]
        unknown = np.zeros(sum(self.facts.channels[len(known) :]), np.float32)
        means, variances = (
            np.concatenate([*parts, unknown]).astype(np.float32)[np.newaxis]
            for parts in ([m.mean for m in known], [m.variance for m in known])
        )
        try:
            stylized, *measured = self._run(
                tf.constant(images, tf.float32),
                tf.constant((0, 0, height, width) if window is None else tuple(window), tf.int32),
                len(known),
                tf.constant(means),
                tf.constant(variances),
                wanted,
            )
            return (
                np.asarray(stylized),
                [_over_batch(*map(np.asarray, layer)) for layer in zip(*measured, strict=True)],
            )
        except (tf.errors.ResourceExhaustedError, MemoryError):
            raise OutOfMemory(f"{width}x{height} pixels: too large for the memory") from None


def _over_batch(means: np.ndarray, variances: np.ndarray, count: np.ndarray) -> Moments:
    parts = [
        Moments(int(count), mean, variance)
        for mean, variance in zip(
            means.astype(np.float64), variances.astype(np.float64), strict=True
        )
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.merged(part)
    return whole


def keras_tiles(network: "Network", style: np.ndarray | None = None) -> TileModel:
    """Tiles through a generator that `load_network` read.

    Args:
        network: The generator.
        style: float32 `[numbers]`, what it takes beside pictures: style weights or a style code.
    """
    import tensorflow as tf

    from style_gan_tf.networks import run_tile, surround, tile_facts

    facts = TileFacts(**tile_facts(network))
    signature = [
        tf.TensorSpec([None, None, None, 3], tf.float32),
        tf.TensorSpec([4], tf.int32),
        *[tf.TensorSpec([1, sum(facts.channels)], tf.float32)] * 2,
    ]
    traced: dict[tuple[int, Wanted], Any] = {}

    def trace(known: int, wanted: Wanted) -> Any:
        # A graph each: TensorFlow leaves out what is not asked for, so that the passes over the
        # first layers cost little.
        def run(images: Any, window: Any, means: Any, variances: Any) -> Any:
            given: Any = style
            if given is not None:
                given = tf.tile(tf.constant(given[np.newaxis]), [tf.shape(images)[0], 1])
            stylized, measured = run_tile(network, images, window, known, means, variances, given)
            one = slice(0, {"picture": 0, "next": 1, "all": None}[wanted])
            statistics = (measured.means[one], measured.variances[one], measured.counts[one])
            return (() if wanted == "next" else stylized, *statistics)

        return tf.function(run, input_signature=signature, autograph=False)

    def run(
        images: Any, window: Any, known: int, means: Any, variances: Any, wanted: Wanted
    ) -> Any:
        if (known, wanted) not in traced:
            traced[known, wanted] = trace(known, wanted)
        return traced[known, wanted](images, window, means, variances)

    def around(height: int, width: int) -> Any:
        return tuple(tuple(map(int, surround(side, network))) for side in (height, width))

    return TileModel(facts, run, around)


def saved_model_tiles(loaded: Any, path: object, style: np.ndarray | None = None) -> TileModel:
    """Tiles through an export's signatures `tile` and `tiling`.

    Args:
        loaded: What `tf.saved_model.load` gives.
        path: Its name in messages.
        style: See `keras_tiles`; default, of several styles, the first in full.

    Raises:
        UserError: When it has none.
    """
    import tensorflow as tf

    if not {"tile", "tiling"} <= set(loaded.signatures):
        raise UserError(
            f"{path}: has no signature `tile`, which large and seamless pictures need: export the "
            "model again"
        )

    def tiling(height: int, width: int) -> dict[str, np.ndarray]:
        answer = loaded.signatures["tiling"](size=tf.constant([height, width], tf.int32))
        return {name: value.numpy() for name, value in answer.items()}

    told = tiling(1, 1)
    channels = tuple(told["channels"].tolist())
    numbers = {name: int(told[name]) for name in ("stride", "minimum", "overlap")}
    facts = TileFacts(channels=channels, bytes_per_pixel=int(told["bytes_per_pixel"]), **numbers)
    ends = np.cumsum(channels)[:-1]
    specs = loaded.signatures["tile"].structured_input_signature[1]

    def run(
        images: Any, window: Any, known: int, means: Any, variances: Any, wanted: Wanted
    ) -> Any:
        given = {"known": tf.constant(known), "means": means, "variances": variances}
        for name in {"style_weights", "style_code"} & set(specs):
            first = np.eye(1, specs[name].shape[1], dtype=np.float32)[0]
            taken = first if style is None else style
            given[name] = tf.constant(np.tile(taken, (images.shape[0], 1)))
        # All of it, whatever is wanted: a signature computes all its outputs.
        answer = loaded.signatures["tile"](
            images=images * 0.5 + 0.5,
            window=window,
            **given,
        )
        stylized = answer["stylized_images"] * 2.0 - 1.0
        one = slice(known, {"picture": known, "next": known + 1, "all": None}[wanted])
        layers = [
            np.split(answer[name].numpy(), ends, axis=1)[one] if channels else []
            for name in ("means", "variances")
        ]
        return stylized, *layers, list(answer["counts"].numpy()[one])

    def around(height: int, width: int) -> Any:
        return tuple(tuple(side) for side in tiling(height, width)["surround"].tolist())

    return TileModel(facts, run, around)
