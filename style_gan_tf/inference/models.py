"""A generator, however it is stored, as one thing: pictures in, stylized pictures out."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.memory import OutOfMemory, free_memory
from style_gan_tf.inference.naming import ModelFile, find_model
from style_gan_tf.inference.style_choice import (
    export_styles,
    one_style,
    style_weights,
    weights_of_export,
)
from style_gan_tf.inference.tile_model import TileModel, keras_tiles, saved_model_tiles
from style_gan_tf.inference.tiles import (
    OnTile,
    Tiling,
    stylize_seamless,
    stylize_tiles,
    tile_side,
)
from style_gan_tf.precision import PRECISIONS, fastest_precision

_ALWAYS_FITS = 2**20  # pixels that need no look at the memory
_SMALLEST_RETRY = 64  # pixels a side of tiles


class Model:
    """A model that stylizes pictures of any size.

    Made by `load_model`. Pictures that are too large for the memory are cut into tiles.

    Attributes:
        path: Where it was read from.
        tiling: How.
        style_weights: float32 `[num_styles]`: how much of each of its styles; None where it has one
            alone, or takes no weights.
        styles: Its styles' names, in the order of the weights; none where it takes no weights.
        on_tile: Told after each tile; to be replaced.
    """

    def __init__(
        self,
        path: Path,
        function: Callable[..., Any],
        make_tiles: Callable[[np.ndarray | None], TileModel] | None = None,
        tiling: Tiling | None = None,
        style_weights: np.ndarray | None = None,
        styles: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.tiling = tiling or Tiling()
        self.style_weights = style_weights
        self.styles = tuple(styles)
        self.on_tile: OnTile = lambda done, total: None
        self._function = function
        self._make_tiles = make_tiles
        self._weaker: tuple[float, Model] | None = None

    def at_strength(self, strength: float) -> "Model":
        """The same with each of its style weights multiplied by a strength.

        Weights of zero give the photo exactly; what lies between, the network paints by itself.

        Args:
            strength: 0 (the photo) to 1 (this model).

        Raises:
            ValueError: For a model that takes no style weights.
        """
        if self.style_weights is None:
            raise ValueError(f"{self.path}: takes no style weights")
        if strength == 1.0:
            return self
        if self._weaker is None or self._weaker[0] != strength:
            self._weaker = strength, self.in_style(self.style_weights * np.float32(strength))
        return self._weaker[1]

    def in_style(self, weights: np.ndarray) -> "Model":
        """The same with other style weights.

        Args:
            weights: float32 `[num_styles]`, 0 or more each, at most 1 together.
        """
        parts = (self._function, self._make_tiles, self.tiling, weights, self.styles)
        model = Model(self.path, *parts)
        model.on_tile = lambda done, total: self.on_tile(done, total)
        return model

    @functools.cached_property
    def tiles(self) -> TileModel:
        """The model for parts of pictures, with given normalization statistics.

        Raises:
            UserError: For a SavedModel without the signature `tile`.
        """
        if self._make_tiles is None:
            raise UserError(f"{self.path}: takes whole pictures only")
        return self._make_tiles(self.style_weights)

    @property
    def memory(self) -> int:
        """Bytes that a pass may take."""
        return self.tiling.memory or free_memory() // 2

    def stylize(self, images: Any) -> np.ndarray:
        """Stylize a batch of pictures.

        Args:
            images: `[batch, height, width, 3]`, RGB in [-1, 1], any height and width from 1 on.

        Returns:
            float32, same shape and range.

        Raises:
            ValueError: For another shape.
            OutOfMemory: When the device has too little memory, for tiles even.
            UserError: When tiles are needed but the SavedModel has no signature `tile`.
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 4 or images.shape[-1] != 3 or 0 in images.shape:
            raise ValueError(f"images have shape {images.shape}, not [batch, height, width, 3]")
        if not self._fits(images.size // 3):
            return np.stack([self._in_tiles(picture, self.tile()) for picture in images])
        if self.tiling.seamless:
            return np.stack([stylize_seamless(self.tiles, picture) for picture in images])
        try:
            return self._whole(images)
        except OutOfMemory:
            if self._make_tiles is None or max(images.shape[1:3]) < 2 * _SMALLEST_RETRY:
                raise
            side = min(self.tile(), max(images.shape[1:3]) // 2)
        # The estimate was wrong, or the device is a GPU, whose memory it does not know.
        return np.stack([self._in_tiles(picture, side) for picture in images])

    def tile(self) -> int:
        """Pixels a side of the tiles that pictures are cut into where they are."""
        return self.tiling.tile or tile_side(self.tiles, self.memory)

    def _fits(self, pixels: int) -> bool:
        if self.tiling.tile:
            return pixels <= self.tiling.tile**2
        if pixels <= _ALWAYS_FITS:
            return True
        try:
            return pixels * self.tiles.facts.bytes_per_pixel <= self.memory
        except UserError:  # An export without tiles: there is no other way than to try.
            return True

    def _whole(self, images: np.ndarray) -> np.ndarray:
        import tensorflow as tf

        weights = []
        if self.style_weights is not None:
            weights = [tf.constant(np.tile(self.style_weights, (len(images), 1)))]
        try:
            return self._function(tf.constant(images), *weights).numpy()
        except (tf.errors.ResourceExhaustedError, MemoryError):
            height, width = images.shape[1:3]
            raise OutOfMemory(f"{width}x{height} pixels: too large for the memory") from None

    def _in_tiles(self, picture: np.ndarray, tile: int) -> np.ndarray:
        stylized = np.empty_like(picture)
        row = 0

        def write(strip: np.ndarray) -> None:
            nonlocal row
            stylized[row : row + len(strip)] = strip
            row += len(strip)

        stylize_tiles(
            self.tiles,
            lambda first, stop: picture[first:stop],
            (picture.shape[0], picture.shape[1]),
            write,
            tile=tile,
            statistics=self.tiling.statistics,
            wrap=self.tiling.seamless,
            on_tile=lambda done, total: self.on_tile(done, total),
        )
        return stylized


def load_model(
    name: str | Path | ModelFile,
    precision: str = "auto",
    tiling: Tiling | None = None,
    style: str = "",
) -> Model:
    """Load a model by any name that `find_model` knows.

    Loading runs what is inside the file: load models that you trust.

    Args:
        name: See `find_model`.
        precision: "auto" (what this machine is fastest in), "float32", "mixed_bfloat16" or
            "mixed_float16". A SavedModel computes in the precision that it was exported in.
        tiling: How large pictures are cut, and whether they are made seamless.
        style: Of a model of several styles, which; see `style_weights`. Default the first.

    Raises:
        UsageError: When there is no such model or precision.
        UserError: When the file is damaged or holds another kind of model.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}")
    found = name if isinstance(name, ModelFile) else find_model(name)
    load = _load_keras if found.kind == "keras" else _load_saved_model
    function, make_tiles, weights, styles = load(found.path, precision, style)
    return Model(found.path, function, make_tiles, tiling, weights, styles)


# The function for whole pictures, what makes the model for tiles of style weights, these, and the
# styles' names.
_Loaded = tuple[
    Callable[..., Any],
    Callable[[np.ndarray | None], TileModel],
    np.ndarray | None,
    Sequence[str],
]


def _load_keras(path: Path, precision: str, style: str) -> _Loaded:
    import tensorflow as tf

    from style_gan_tf.networks import any_size, load_network

    network = load_network(path, fastest_precision() if precision == "auto" else precision)
    if network.latent is not None:
        raise _noise_model(path)
    # One trace for all sizes: a folder of pictures has a hundred of them.
    any_images = tf.TensorSpec([None, None, None, 3], tf.float32)
    takes, chosen = [any_images], None
    if network.takes_weights:
        takes.append(tf.TensorSpec([None, network.num_styles], tf.float32))
        chosen = style_weights(style, network.styles)
    elif style:
        raise one_style(style)

    def whole(images: Any, weights: Any = None) -> Any:
        return any_size(network, images, style_weights=weights)

    return (
        tf.function(whole, input_signature=takes, autograph=False),
        lambda weights: keras_tiles(network, weights),
        chosen,
        () if chosen is None else network.styles,
    )


def _noise_model(path: Path) -> UserError:
    return UserError(f"{path}: makes pictures out of noise, takes none: name it by --noise_model")


def open_saved_model(path: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Load a SavedModel: itself, what `serving_default` takes and what it gives, by name.

    Raises:
        UserError: When it cannot be read.
    """
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # A damaged SavedModel raises many kinds.
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable SavedModel ({reason})") from None
    signature = loaded.signatures.get("serving_default")
    if signature is None:
        return loaded, {}, {}
    return loaded, signature.structured_input_signature[1], signature.structured_outputs


def _load_saved_model(path: Path, precision: str, style: str) -> _Loaded:
    del precision
    import tensorflow as tf

    loaded, takes, gives = open_saved_model(path)
    if "noise" in takes:
        raise _noise_model(path)
    if set(takes) != {"images"} or "stylized_images" not in gives:
        raise UserError(
            f"{path}: its signature serving_default does not take images and give "
            "stylized_images: export the model with style_gan_tf.export"
        )

    chosen = weights_of_export(loaded, path, style)
    name = "serving_default" if chosen is None else "serve_style"

    def stylize(images: Any, weights: Any = None) -> Any:
        given = {} if weights is None else {"style_weights": weights}
        # Through `loaded`, to keep it alive: a signature alone does not hold its variables.
        signature = loaded.signatures[name]
        try:
            return signature(images=images * 0.5 + 0.5, **given)["stylized_images"] * 2.0 - 1.0
        except tf.errors.InvalidArgumentError:
            # All that it refuses of what comes here are pictures beyond its limit: tiles are not.
            height, width = images.shape[1:3]
            raise OutOfMemory(
                f"{width}x{height} pixels: more than {path} takes; export it again with a larger "
                "--max_pixels"
            ) from None

    styles = () if chosen is None else export_styles(path, len(chosen))
    return stylize, lambda weights: saved_model_tiles(loaded, path, weights), chosen, styles
