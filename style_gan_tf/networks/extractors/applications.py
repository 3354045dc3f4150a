"""Networks of keras.applications: too large for the package, fetched when a command is told to."""

import dataclasses
import os
from pathlib import Path

import keras

from style_gan_tf.errors import UserError

_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclasses.dataclass(frozen=True)
class Application:
    """A network of keras.applications and its weights file without top.

    Attributes:
        builder: Its function in keras.applications.
        address: Where the weights lie.
        checksum: Their MD5, as keras.applications has it.
        megabytes: Their size, for people.
    """

    builder: str
    address: str
    checksum: str
    megabytes: int

    @property
    def file(self) -> str:
        """The weights file's name."""
        return self.address.rpartition("/")[2]


APPLICATIONS = {
    "vgg19": Application(
        "VGG19",
        f"{_ADDRESS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "253f8cb515780f3b799900260a226db6",
        80,
    ),
    "inception_v3": Application(
        "InceptionV3",
        f"{_ADDRESS}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
        88,
    ),
}


def weights_folder() -> Path:
    """Where weights are looked for beside Keras's own cache: `weights` in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "style_gan_tf" / "weights"


def download(name: str) -> Path:
    """Fetch a network's weights into `weights_folder()`, unless they lie there.

    Args:
        name: A name in APPLICATIONS.

    Returns:
        The file, whose checksum is right.

    Raises:
        UserError: When they cannot be fetched, or what came is something else.
    """
    application = APPLICATIONS[name]
    folder = weights_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)  # or Keras would take another one
        path = keras.utils.get_file(
            application.file,
            application.address,
            cache_dir=str(folder.parent),
            cache_subdir=folder.name,
            file_hash=application.checksum,
        )
    except Exception as error:  # Each way of failing has a kind of its own.
        raise UserError(
            f"--download={name}: {application.address} could not be fetched ({_reason(error)}); "
            f"put the file into {folder}"
        ) from None
    return Path(path)


def load_application(
    name: str, path: Path | None, flag: str = "--extractor_weights"
) -> keras.Model:
    """A network of keras.applications without its top. Nothing is fetched.

    Args:
        name: A name in APPLICATIONS.
        path: Its weights file; None: the one in `weights_folder()` or in Keras's own cache.
        flag: How the user names the file, for the message.

    Raises:
        UserError: When the weights are missing or are something else.
    """
    application = APPLICATIONS[name]
    builder = getattr(keras.applications, application.builder)
    if path is not None and not path.is_file():
        raise UserError(
            f"{flag}={path}: no such file; --download={name} fetches "
            f"{application.megabytes} MB of keras.applications"
        )
    found = path or _at_hand(application.file)
    if found is None:
        raise UserError(
            f"no weights of {application.builder}: give --download={name} once "
            f"({application.megabytes} MB), or put {application.file} of keras.applications into "
            f"{weights_folder()}, or name it by {flag}"
        )
    try:
        return builder(include_top=False, weights=str(found))
    except Exception as error:  # Reading raises many kinds.
        raise UserError(
            f"{found}: not the weights of {application.builder} ({_reason(error)})"
        ) from None


def _at_hand(file: str) -> Path | None:
    of_keras = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "models"
    places = (weights_folder() / file, of_keras / file)
    return next((place for place in places if place.is_file()), None)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
