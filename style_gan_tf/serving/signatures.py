"""A generator as a SavedModel: what TF Serving, and any TensorFlow, can run without this package.

Signatures, with every float in [0, 1] and pictures of any size:

- `serving_default`: `images` float32 `[batch, height, width, 3]` -> `stylized_images`, same shape.
- `serve_bytes`: `image_bytes` string `[batch]`, JPEG or PNG, of any and differing sizes ->
  `stylized_image_bytes` string `[batch]`, JPEG (quality 95) for JPEG and PNG for PNG.
- `serve_bytes_strength`: the same with `strength` float32, one number or one for each picture:
  0 gives the photo, 1 the stylized picture, between them their pixels are blended.
- `serve_bytes_style`, where there are several styles (elsewhere the first is taken): the same as
  `serve_bytes` with `style_weights` float32 `[batch, num_styles]`, which sum to at most 1.
- `serve_style`, likewise: `serving_default` with `style_weights`.
- With a style encoder or a mapping network, those of `code_signatures`.
- `tile` and `tiling`: parts of a picture; see `tile_signatures`.

All of these paint a picture that is larger than the export's `paint_size` at that size, and give
it its own with its own edges (`inference.joint_upsampling`), as the command line does. So where
there is such a size, there is one signature more:

- `own_size`: `serving_default` with what says the style (`style_weights` or `style_code`, where
  there is one of these), at the pictures' own size.

A generator of noise has one alone:

- `serving_default`: `noise` float32 `[batch, latent]`, drawn from the standard normal distribution
  -> `images` float32 `[batch, size, size, 3]`.

What a client did wrong gives INVALID_ARGUMENT with a sentence that says so. TF Serving's REST API
cannot leave out an input, hence a signature for each set of inputs.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from style_gan_tf.errors import UsageError
from style_gan_tf.options import at_least
from style_gan_tf.serving.model_card import SAMPLES_FILE, card_of, describe_signature, write_card
from style_gan_tf.serving.pixel_limit import enlarging_limit, noise_limit, pixel_limit
from style_gan_tf.serving.version_folder import write_version
from style_gan_tf.serving.warm_up import SIDE, warm_up_records, write_warm_up

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

# A function, and the tf.TensorSpec of each of its inputs.
Endpoint = tuple[Callable[..., Any], list[Any]]


def export_saved_model(
    network: "Network",
    output: str | Path,
    *,
    version: int | None = None,
    max_pixels: int | None = None,
    paint_size: int = 0,
    facts: Mapping[str, Any] | None = None,
    samples: bytes | None = None,
) -> Path:
    """Write `output/<version>/`, whole or not at all, with warm-up records and a model card.

    Every signature is run once from what was written before the version appears.

    Args:
        network: A generator; it is exported with float32 weights and computes in float32.
        output: The folder of versions, as TF Serving wants it; made if it is missing.
        version: 1 or more; default one more than the highest that is there.
        max_pixels: The most pixels that a picture, or all of a batch of floats, may have; default:
            what is stylized in 4 GB, see `pixel_limit`.
        paint_size: Pixels of the longer side at which the signatures, and who reads the card, paint
            larger pictures; 0: their own.
        facts: What the model card shall say of how the model was made; see `card_of`. Default
            `name`: that of the folder, or of the one around it if this one is called `export`.
        samples: A JPEG picture of what it makes, to go with the card.

    Returns:
        The folder of the new version.

    Raises:
        UsageError: For a limit below a picture of 64x64.
        UserError: When the folder cannot be written or the version exists.
    """
    if max_pixels is not None:
        at_least("--max_pixels", max_pixels, SIDE**2)
    if paint_size:
        at_least("--paint_size", paint_size, 1)
        if network.latent is not None:
            raise UsageError(f"--paint_size={paint_size}: the model takes noise; leave it out")
    folder = Path(output)
    given = {"name": _name(folder), **(facts or {})}
    if paint_size:
        given["paint_size"] = paint_size
    if samples:
        given["samples"] = SAMPLES_FILE.name

    def write(path: Path) -> None:
        _write(network, path, max_pixels, paint_size, given)
        if samples:
            (path / SAMPLES_FILE).write_bytes(samples)

    return write_version(folder, write, version=version)


def _name(folder: Path) -> str:
    place = folder.absolute()
    return place.parent.name if place.name == "export" else place.name


def _write(
    network: "Network",
    path: Path,
    max_pixels: int | None,
    paint_size: int,
    facts: Mapping[str, Any],
) -> None:
    import keras
    import tensorflow as tf

    from style_gan_tf.networks import rebuild

    if network.recipe["dtype"] != "float32":
        network = rebuild(network, "float32")
    if network.latent is None:
        endpoints, limit = picture_endpoints(network, max_pixels, paint_size)
    else:
        endpoints, limit = noise_endpoints(network, max_pixels)
    # It tracks what its endpoints use; tracking the network as well would write each weight twice.
    archive = keras.export.ExportArchive()
    for name, (function, takes) in endpoints.items():
        archive.add_endpoint(name, function, takes)
    with _disk_errors():
        archive.write_out(str(path), verbose=False)
    loaded = tf.saved_model.load(str(path))
    records = warm_up_records(loaded)
    with _disk_errors():
        write_warm_up(path, records)
    signatures = {name: describe_signature(loaded.signatures[name]) for name in endpoints}
    write_card(path, card_of(network, facts, signatures=signatures, max_pixels=limit))


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """What TensorFlow's file system raises, as OSError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        # A full disk: "{{node}} file; reason [Op:SaveV2]".
        reason = error.message.splitlines()[0].rpartition("; ")[2].partition(" [Op:")[0]
        raise OSError(reason) from None


def noise_endpoints(
    network: "Network", max_pixels: int | None = None
) -> tuple[dict[str, Endpoint], int]:
    """The signatures of a generator of noise, by name, and their limit of pixels."""
    import tensorflow as tf

    from style_gan_tf.serving.refusals import told

    limit = max_pixels or noise_limit(network)
    of_each = math.prod(network.output_shape[1:3])

    def serve_noise(noise: Any) -> dict[str, Any]:
        pixels = tf.shape(noise, tf.int64)[0] * of_each
        with told(pixels <= limit, f"noise asks for more than {limit} pixels in all: send fewer"):
            pictures = network(tf.identity(noise), training=False)
        return {"images": tf.clip_by_value(pictures, -1.0, 1.0) * 0.5 + 0.5}

    noise = tf.TensorSpec([None, network.latent], tf.float32, name="noise")
    return {"serving_default": (serve_noise, [noise])}, limit


def picture_endpoints(
    network: "Network", max_pixels: int | None = None, paint_size: int = 0
) -> tuple[dict[str, Endpoint], int]:
    """The signatures of a generator that takes pictures, by name, and their limit of pixels.

    Args:
        network: One that computes in float32.
        max_pixels: The limit; default: see `pixel_limit`.
        paint_size: Pixels of the longer side at which larger pictures are painted; 0: their own.
    """
    import tensorflow as tf

    from style_gan_tf.networks import Strips, any_size, by_code, is_coded, named_codes
    from style_gan_tf.serving import decoding
    from style_gan_tf.serving.at_paint_size import at_paint_size
    from style_gan_tf.serving.code_signatures import code_endpoints
    from style_gan_tf.serving.refusals import one_each, style_codes, told, weights_of_styles
    from style_gan_tf.serving.tile_signatures import tile_endpoints

    # One graph for named styles and for those of pictures: both are codes.
    codes = tf.constant(named_codes(network)) if is_coded(network) else None
    painter = network if codes is None else by_code(network)
    first = codes[:1] if codes is not None else tf.one_hot([0], network.num_styles)
    strips = Strips(painter)
    at_once = max_pixels or pixel_limit(painter, strips)
    small = bool(paint_size) and paint_size**2 <= at_once
    limit = max_pixels or (enlarging_limit(painter) if small else at_once)

    # One graph of each for all signatures.
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    def decode(image_bytes: Any) -> Any:
        return decoding.decode(image_bytes, limit)

    floats = tf.TensorSpec([None, None, None, 3], tf.float32)
    styles = [tf.TensorSpec([None, first.shape[1]], tf.float32)] if painter.takes_weights else []

    @tf.function(input_signature=[floats, *styles], autograph=False)
    def stylize_in(images: Any, *style: Any) -> Any:
        given = style[0] if style else None
        signed = tf.clip_by_value(images, 0.0, 1.0) * 2.0 - 1.0
        return any_size(painter, signed, style_weights=given, run=strips) * 0.5 + 0.5

    paint_in: Any = stylize_in
    if paint_size:
        paint_in = tf.function(
            at_paint_size(stylize_in, paint_size, at_once, coded=codes is not None),
            input_signature=[floats, *styles],
            autograph=False,
        )

    def stylize(images: Any, style: Any = None) -> Any:
        if style is None and styles:
            style = tf.tile(first, [tf.shape(images)[0], 1])
        return paint_in(images, *([style] if styles else []))

    def paint(photo: Any, *style: Any) -> Any:
        return stylize(photo[tf.newaxis], *(one[tf.newaxis] for one in style))[0]

    def of_weights(style_weights: Any, count: Any) -> Any:
        weights = weights_of_styles(style_weights, count)
        return weights if codes is None else tf.matmul(weights, codes)

    def painted(images: Any, limit: int, run: Callable[..., Any], *style: Any) -> dict[str, Any]:
        shape = tf.shape(images, tf.int64)
        has_pixels = tf.reduce_all(shape[1:3] > 0)
        fits = tf.reduce_prod(shape[:3]) <= limit
        with (
            told(has_pixels, "images have a height or width of 0"),
            told(fits, f"images hold more than {limit} pixels in all: send fewer or smaller ones"),
        ):
            return {"stylized_images": run(tf.identity(images), *style)}

    def serve_images(images: Any, style: Any = None) -> dict[str, Any]:
        return painted(images, limit, stylize, style)

    def own_size(images: Any, *style: Any) -> dict[str, Any]:
        check = weights_of_styles if codes is None else style_codes
        given = [check(rows, tf.shape(images)[0]) for rows in style]
        return painted(images, at_once, stylize_in, *given)

    def one_by_one(paint: Callable[..., Any], *of_each: Any) -> dict[str, Any]:
        """Decode each picture, paint by it and what else there is of each, and encode."""

        def serve_one(given: Any) -> Any:
            image_bytes, *more = given
            painted = paint(decode(image_bytes), *more)
            return decoding.encode(painted, decoding.is_jpeg(image_bytes))

        # One after another: each picture uses all cores anyway, and memory is bounded by one.
        signature = tf.TensorSpec([], tf.string)
        stylized = tf.map_fn(
            serve_one, of_each, fn_output_signature=signature, parallel_iterations=1
        )
        return {"stylized_image_bytes": stylized}

    def serve_bytes(image_bytes: Any) -> dict[str, Any]:
        return one_by_one(paint, image_bytes)

    def serve_bytes_strength(image_bytes: Any, strength: Any) -> dict[str, Any]:
        def blend(photo: Any, strength: Any) -> Any:
            return photo + strength * (paint(photo) - photo)

        return one_by_one(blend, image_bytes, one_each(strength, tf.size(image_bytes)))

    def serve_bytes_style(image_bytes: Any, style_weights: Any) -> dict[str, Any]:
        return one_by_one(paint, image_bytes, of_weights(style_weights, tf.size(image_bytes)))

    def serve_style(images: Any, style_weights: Any) -> dict[str, Any]:
        return serve_images(images, of_weights(style_weights, tf.shape(images)[0]))

    image_bytes = tf.TensorSpec([None], tf.string, name="image_bytes")
    # Without a shape, it takes one number as well as one for each picture.
    strength = tf.TensorSpec(None, tf.float32, name="strength")
    images = tf.TensorSpec([None, None, None, 3], tf.float32, name="images")
    endpoints: dict[str, Endpoint] = {
        "serving_default": (lambda images: serve_images(images), [images]),
        "serve_bytes": (serve_bytes, [image_bytes]),
        "serve_bytes_strength": (serve_bytes_strength, [image_bytes, strength]),
    }
    if network.takes_weights:
        weights = tf.TensorSpec([None, network.num_styles], tf.float32, name="style_weights")
        endpoints["serve_bytes_style"] = (serve_bytes_style, [image_bytes, weights])
        endpoints["serve_style"] = (serve_style, [images, weights])
    if codes is not None:
        parts = (paint, serve_images, one_by_one)
        endpoints |= code_endpoints(painter, codes, *parts)
    if paint_size:
        name = "style_weights" if codes is None else "style_code"
        rows = [tf.TensorSpec(spec.shape, spec.dtype, name=name) for spec in styles]
        endpoints["own_size"] = (own_size, [images, *rows])
    return {**endpoints, **tile_endpoints(painter)}, limit
