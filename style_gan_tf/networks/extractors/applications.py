"""Networks of keras.applications, whose weights Keras downloads."""

from pathlib import Path
from typing import Any

import keras

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors.extractor import weights_folder


def load_application(
    builder: Any, path: Path | None, download: str, flag: str = "--extractor_weights"
) -> keras.Model:
    """A network of keras.applications without its top.

    Args:
        builder: Such as `keras.applications.VGG19`.
        path: Its weights file; None: Keras's own copy, downloaded at first use.
        download: What to download by hand, for the message.
        flag: How the user names the file, for the message.

    Raises:
        UserError: When the weights can neither be read nor downloaded.
    """
    if path is not None and not path.is_file():
        raise UserError(f"{flag}={path}: no such file; {download}")
    try:
        return builder(include_top=False, weights=str(path) if path else "imagenet")
    except Exception as error:  # Downloading and reading raise many kinds.
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        if path:
            raise UserError(f"{path}: not the weights of {builder.__name__} ({reason})") from None
        raise UserError(
            f"no weights: Keras could not download them; {download}, put it into "
            f"{weights_folder()} and name it by {flag}"
        ) from None
