"""Loading models: a `.keras` file or a SavedModel, and the style that is wanted of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture
from style_gan_tf.images import encode as encode_picture
from style_gan_tf.inference.memory import OutOfMemory
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.naming import ModelFile, find_model
from style_gan_tf.inference.style_choice import export_styles, one_style, style_input
from style_gan_tf.inference.style_table import StyleTable, choose
from style_gan_tf.inference.tile_model import TileModel, keras_tiles, saved_model_tiles
from style_gan_tf.inference.tiles import Tiling
from style_gan_tf.precision import PRECISIONS, fastest_precision


def load_model(
    name: str | Path | ModelFile,
    precision: str = "auto",
    tiling: Tiling | None = None,
    style: str = "",
    style_image: str | Path | None = None,
    saved_styles: str | Path | None = None,
) -> Model:
    """Load a model by any name that `find_model` knows.

    Loading runs what is inside the file: load models that you trust.

    Args:
        name: See `find_model`.
        precision: "auto" (what this machine is fastest in), "float32", "mixed_bfloat16" or
            "mixed_float16". A SavedModel computes in the precision that it was exported in.
        tiling: How large pictures are cut, and whether they are made seamless.
        style: Of a model of several styles, which; see `style_weights`. Default the first, or
            that of `style_image`.
        style_image: Of a model with a style encoder, a picture whose style is wanted; `style` can
            mix it with others as `reference`.
        saved_styles: A folder of style codes that `save_style` wrote, for `style` to name.

    Raises:
        UsageError: When there is no such model or precision.
        UserError: When the file is damaged or holds another kind of model.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}")
    found = name if isinstance(name, ModelFile) else find_model(name)
    load = _load_keras if found.kind == "keras" else _load_saved_model
    function, make_tiles, table = load(found.path, precision, style)
    if table is None:
        for flag, value in (("style", style), ("style_image", style_image)):
            if value:
                raise one_style(flag, str(value))
        return Model(found.path, function, make_tiles, tiling)
    wanted = choose(table, style, style_image, saved_styles)
    return Model(found.path, function, make_tiles, tiling, *wanted)


# The function for whole pictures; what makes the model for tiles in a style; the styles.
_Loaded = tuple[Callable[..., Any], Callable[[np.ndarray | None], TileModel], StyleTable | None]


def _load_keras(path: Path, precision: str, style: str) -> _Loaded:
    del style
    import tensorflow as tf

    from style_gan_tf.networks import any_size, by_code, encode_style, load_network, named_codes

    dtype = fastest_precision() if precision == "auto" else precision
    network = load_network(path, dtype)
    if network.latent is not None:
        raise _noise_model(path)
    table = None
    if network.style_encoder is not None:
        # In float32 whatever the pictures are computed in: a code is made once and kept.
        precise = network if dtype == "float32" else load_network(path, "float32")

        def encode(picture: Picture) -> np.ndarray:
            given = picture.on_white()[np.newaxis].astype(np.float32) / 127.5 - 1.0
            return np.asarray(encode_style(precise, given))[0]

        table = StyleTable(network.styles, named_codes(precise), encode)
        network = by_code(network)
    elif network.takes_weights:
        table = StyleTable(network.styles, np.eye(network.num_styles, dtype=np.float32))
    # One trace for all sizes: a folder of pictures has a hundred of them.
    any_images = tf.TensorSpec([None, None, None, 3], tf.float32)
    takes = [any_images]
    if network.takes_weights:
        takes.append(tf.TensorSpec([None, network.num_styles], tf.float32))

    def whole(images: Any, style: Any = None) -> Any:
        return any_size(network, images, style_weights=style)

    return (
        tf.function(whole, input_signature=takes, autograph=False),
        lambda style: keras_tiles(network, style),
        table,
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

    name, takes_style = style_input(loaded, path, style)
    table = _table_of_export(loaded, path, takes_style)

    def stylize(images: Any, style: Any = None) -> Any:
        given = {} if style is None else {takes_style: style}
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

    return stylize, lambda style: saved_model_tiles(loaded, path, style), table


def _table_of_export(loaded: Any, path: Path, takes_style: str) -> StyleTable | None:
    import tensorflow as tf

    if not takes_style:
        return None
    by_weights = "named_styles" if takes_style == "style_code" else "serve_style"
    takes = loaded.signatures[by_weights].structured_input_signature[1]
    full = np.eye(takes["style_weights"].shape[1], dtype=np.float32)
    names = tuple(export_styles(path, len(full)))
    if takes_style == "style_weights":
        return StyleTable(names, full)
    codes = loaded.signatures["named_styles"](style_weights=tf.constant(full))["style_code"]

    def encode(picture: Picture) -> np.ndarray:
        sent = tf.constant([encode_picture(picture.on_white(), format="png")])
        return loaded.signatures["encode_style"](reference_bytes=sent)["style_code"].numpy()[0]

    return StyleTable(names, codes.numpy(), encode)
