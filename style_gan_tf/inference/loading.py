"""Loading models: a `.keras` file or a SavedModel, and the style that is wanted of it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture
from style_gan_tf.images import encode as encode_picture
from style_gan_tf.inference.card import paint_size_in, read_card
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
        tiling: At what size large pictures are painted (default: what the model's card says), how
            they are cut, and whether they are made seamless.
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
    tiling = tiling or Tiling()
    if tiling.paint_size is None and not tiling.seamless:
        tiling = dataclasses.replace(tiling, paint_size=paint_size_in(read_card(found.path)))
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

    from style_gan_tf.networks import any_size, by_code, is_coded, load_network

    dtype = fastest_precision() if precision == "auto" else precision
    network = load_network(path, dtype)
    if network.latent is not None:
        raise _noise_model(path)
    table = None
    if is_coded(network):
        # In float32 whatever the pictures are computed in: a code is made once and kept.
        table = _table_of(network if dtype == "float32" else load_network(path, "float32"))
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


def _table_of(network: Any) -> StyleTable:
    """The styles of a generator whose styles are codes; it computes in float32."""
    from style_gan_tf.networks import encode_style, named_codes, rendered_codes

    codes = named_codes(network)

    def encode(picture: Picture) -> np.ndarray:
        given = picture.on_white()[np.newaxis].astype(np.float32) / 127.5 - 1.0
        return np.asarray(encode_style(network, given))[0]

    def render(noise: np.ndarray, weights: np.ndarray) -> np.ndarray:
        rows = np.tile(np.float32(weights[: len(codes)]), (len(noise), 1))
        return np.asarray(rendered_codes(network, codes, noise, rows)) - rows @ codes

    return StyleTable(
        network.styles,
        codes,
        encode if network.style_encoder is not None else None,
        render if network.mapping is not None else None,
        network.mapping.inputs[0].shape[1] if network.mapping is not None else 0,
        coded=True,
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
        except tf.errors.InvalidArgumentError as error:
            # It tells in a sentence what it refuses: a style; else pictures beyond its limit, for
            # there is no more to refuse of what comes here. Tiles have no limit.
            if takes_style and takes_style in str(error):
                within = "finite and of a strength between 0 and 1"
                raise UserError(f"{path}: the style that is given is not {within}") from None
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
    named = loaded.signatures["named_styles"](style_weights=tf.constant(full))
    codes = named["style_code"].numpy()

    def encode(picture: Picture) -> np.ndarray:
        sent = tf.constant([encode_picture(picture.on_white(), format="png")])
        return loaded.signatures["encode_style"](reference_bytes=sent)["style_code"].numpy()[0]

    def render(noise: np.ndarray, weights: np.ndarray) -> np.ndarray:
        rows = np.tile(np.float32(weights[: len(full)]), (len(noise), 1))
        given = {"noise": tf.constant(noise), "style_weights": tf.constant(rows)}
        return loaded.signatures["render_style"](**given)["style_code"].numpy() - rows @ codes

    has = loaded.signatures
    latent = 0
    if "render_style" in has:
        latent = has["render_style"].structured_input_signature[1]["noise"].shape[1]
    return StyleTable(
        names,
        codes,
        encode if "encode_style" in has else None,
        render if latent else None,
        latent,
        coded=True,
    )
