"""A generator as a SavedModel, which TF Serving and any TensorFlow run without this package."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from style_gan_tf.errors import UsageError
from style_gan_tf.exporting.card import SAMPLES_FILE, card_of, describe_signature, write_card
from style_gan_tf.exporting.versions import write_version
from style_gan_tf.exporting.warm_up import SIDE, warm_up_records, write_warm_up
from style_gan_tf.options import at_least

if TYPE_CHECKING:
    from style_gan_tf.networks import Network


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

    Its signatures are those of `exporting.signatures`. Each is run once, from what was written,
    before the version appears.

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

    from style_gan_tf.exporting.signatures import noise_endpoints, picture_endpoints
    from style_gan_tf.networks import rebuild

    if network.recipe["dtype"] != "float32":
        network = rebuild(network, "float32")
    if network.latent is None:
        endpoints, limit = picture_endpoints(network, max_pixels, paint_size)
    else:
        endpoints, limit = noise_endpoints(network, max_pixels)
    # It tracks what its endpoints use; tracking the network as well would write each weight twice.
    archive = keras.export.ExportArchive()
    for name, endpoint in endpoints.items():
        archive.add_endpoint(name, endpoint.run, endpoint.takes)
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
