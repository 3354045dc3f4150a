"""A generator as a SavedModel: what TF Serving, and any TensorFlow, can run without this package.

Signatures, with every float in [0, 1]:

- `serving_default`: `images` float32 `[batch, height, width, 3]` -> `stylized_images`, same shape.
- `serve_bytes`: `image_bytes` string `[batch]`, JPEG or PNG, of any and differing sizes ->
  `stylized_image_bytes` string `[batch]`, JPEG (quality 95) for JPEG and PNG for PNG.

A generator of noise has one alone:

- `serving_default`: `noise` float32 `[batch, latent]`, drawn from the standard normal distribution
  -> `images` float32 `[batch, size, size, 3]`.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from style_gan_tf.errors import UserError
from style_gan_tf.inference.naming import versions

if TYPE_CHECKING:
    from style_gan_tf.networks import Network


def export_saved_model(
    network: "Network", output: str | Path, *, version: int | None = None
) -> Path:
    """Write `output/<version>/`, whole or not at all.

    Args:
        network: A generator; it is exported with float32 weights and computes in float32.
        output: The folder of versions, as TF Serving wants it; made if it is missing.
        version: 1 or more; default one more than the highest that is there.

    Returns:
        The folder of the new version.

    Raises:
        UserError: When the folder cannot be written or the version exists.
    """
    folder = Path(output)
    if version is not None and version < 1:
        raise ValueError(f"version {version}: versions are counted from 1")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its goal, so that the last step is a rename. TF Serving looks at numbers only.
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror})") from None
    try:
        _write(network, unfinished / "model")
        return _move(unfinished / "model", folder, version)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _move(written: Path, folder: Path, version: int | None) -> Path:
    while True:
        number = version or max(versions(folder), default=0) + 1
        target = folder / str(number)
        if version and target.exists():
            raise UserError(f"{target} exists: choose another version, or leave the choice to us")
        try:
            # Refused where a folder that is not empty has appeared in the meantime.
            os.rename(written, target)
            return target
        except OSError:
            if version or not target.exists():
                raise


def _write(network: "Network", path: Path) -> None:
    import keras
    import tensorflow as tf

    from style_gan_tf.networks import any_size, rebuild
    from style_gan_tf.serving import decoding

    if network.recipe["dtype"] != "float32":
        network = rebuild(network, "float32")

    def stylize(images: Any) -> Any:
        outputs = any_size(network, tf.clip_by_value(images, 0.0, 1.0) * 2.0 - 1.0)
        return outputs * 0.5 + 0.5

    def serve_images(images: Any) -> dict[str, Any]:
        has_pixels = tf.reduce_all(tf.shape(images)[1:3] > 0)
        told = tf.debugging.Assert(has_pixels, ["images have a height or width of 0"])
        with tf.control_dependencies([told]):
            return {"stylized_images": stylize(tf.identity(images))}

    def serve_one(image_bytes: Any) -> Any:
        stylized = stylize(decoding.decode(image_bytes)[tf.newaxis])[0]
        return decoding.encode(stylized, decoding.is_jpeg(image_bytes))

    def serve_bytes(image_bytes: Any) -> dict[str, Any]:
        # One after another: each picture uses all cores anyway, and memory is bounded by one.
        stylized = tf.map_fn(
            serve_one,
            image_bytes,
            fn_output_signature=tf.TensorSpec([], tf.string),
            parallel_iterations=1,
        )
        return {"stylized_image_bytes": stylized}

    def serve_noise(noise: Any) -> dict[str, Any]:
        pictures = tf.clip_by_value(network(noise, training=False), -1.0, 1.0)
        return {"images": pictures * 0.5 + 0.5}

    archive = keras.export.ExportArchive()
    archive.track(network)
    if network.latent is not None:
        noise = tf.TensorSpec([None, network.latent], tf.float32, name="noise")
        archive.add_endpoint("serving_default", serve_noise, [noise])
    else:
        images = tf.TensorSpec([None, None, None, 3], tf.float32, name="images")
        image_bytes = tf.TensorSpec([None], tf.string, name="image_bytes")
        archive.add_endpoint("serving_default", serve_images, [images])
        archive.add_endpoint("serve_bytes", serve_bytes, [image_bytes])
    try:
        archive.write_out(str(path), verbose=False)
    except tf.errors.OpError as error:
        # A full disk, as TensorFlow's file system tells it: "{{node}} file; reason [Op:SaveV2]".
        reason = error.message.splitlines()[0].rpartition("; ")[2].partition(" [Op:")[0]
        raise OSError(reason) from None
