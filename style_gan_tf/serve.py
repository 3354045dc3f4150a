"""Serve models by TF Serving's REST API, without TF Serving.

    python -m style_gan_tf.serve --model_name=monet --model_base_path=runs/monet/export --demo

takes the flags of `tensorflow_model_server` that concern REST, answers as it does, and watches the
folder for new versions. With --demo its address, opened in a browser, is a page to try the models.
SIGTERM and Ctrl-C end it after the last answer.
"""

import importlib.util
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.naming import SAVED_MODEL_FILE, shipped_models, versions
from style_gan_tf.serving.model_config import ModelConfig, read_model_config

if TYPE_CHECKING:
    from style_gan_tf.serving.model_manager import ModelManager


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    string, integer, real, boolean = (
        flags.DEFINE_string, flags.DEFINE_integer, flags.DEFINE_float, flags.DEFINE_boolean
    )  # fmt: skip
    string("model_base_path", "", "The folder of a model's numbered versions, or a shipped model's "
           "name. Loading runs what is inside: serve models that you trust.",
           flag_values=values)  # fmt: skip
    string("model_name", "default", "The model's name in the path of its calls.",
           flag_values=values)  # fmt: skip
    string("model_config_file", "", "Instead of both: a ModelServerConfig of several models, their "
           "version policies and labels.", flag_values=values)  # fmt: skip
    integer("rest_api_port", 8501, "0 takes any that is free.", 0, 65535, flag_values=values)
    string("host", "127.0.0.1", "The address to listen at; 0.0.0.0 lets other machines in.",
           flag_values=values)  # fmt: skip
    integer("rest_api_timeout_in_ms", 30000, "From a call's arrival to its answer.", 1,
            flag_values=values)  # fmt: skip
    integer("rest_api_num_threads", 0, "Calls that run at once; 0: as many as there are CPU cores.",
            0, flag_values=values)  # fmt: skip
    boolean("rest_api_enable_cors_support", False, "Let pages of other origins call.",
            flag_values=values)  # fmt: skip
    real("file_system_poll_wait_seconds", 1.0, "Seconds between two looks for new versions; 0: "
         "look once.", 0.0, flag_values=values)  # fmt: skip
    real("model_config_file_poll_wait_seconds", 0.0, "Seconds between two readings of the "
         "configuration; 0: read once.", 0.0, flag_values=values)  # fmt: skip
    integer("max_queue", 32, "Calls that wait behind those that run; more get status 503.", 0,
            flag_values=values)  # fmt: skip
    integer("max_body_mib", 64, "A request's body in MiB; larger ones get status 413.", 1,
            flag_values=values)  # fmt: skip
    boolean("demo", False, "Serve a page to try the models.", flag_values=values)


def main(values: flags.FlagValues) -> int:
    """Serve until told to stop; 1 when calls were left unanswered."""
    if importlib.util.find_spec("h11") is None:
        raise UserError("serving needs h11: pip install 'style_gan_tf[serve]'")
    configs = _configs(values)

    from style_gan_tf.serving.http_server import listen

    with listen(values.host, values.rest_api_port) as listener:
        command_line.load_tensorflow()
        return _serve(values, configs, listener)


def _serve(
    values: flags.FlagValues, configs: Sequence[ModelConfig], listener: socket.socket
) -> int:
    """Load the models and serve them."""
    from style_gan_tf.serving.http_messages import Limits
    from style_gan_tf.serving.model_manager import ModelManager
    from style_gan_tf.serving.servable import Servable
    from style_gan_tf.serving.server import Server, ServerSettings, describe

    models = ModelManager(configs, Servable)
    models.look(at_once=True)
    _require_one(models, configs)
    if values.file_system_poll_wait_seconds:
        models.watch(values.file_system_poll_wait_seconds, _rereader(values))
    body = values.max_body_mib * 2**20
    settings = ServerSettings(
        timeout=values.rest_api_timeout_in_ms / 1000.0,
        workers=values.rest_api_num_threads or _cores(),
        waiting=values.max_queue,
        cors=values.rest_api_enable_cors_support,
        demo=values.demo,
        limits=Limits(body=body, received=8 * body),
    )
    address = listener.getsockname()
    answered = Server(models, settings).run(
        listener, lambda: print(describe(models, address, values.demo), flush=True)
    )
    models.stop()
    print("stopped" if answered else "stopped with calls unanswered", flush=True)
    return 0 if answered else 1


def _configs(values: flags.FlagValues) -> list[ModelConfig]:
    """The models that the flags name.

    Raises:
        UsageError: When there is none, or a folder is not what it should be.
    """
    if bool(values.model_base_path) == bool(values.model_config_file):
        raise UsageError("give either --model_base_path=FOLDER or --model_config_file=FILE")
    if values.model_config_file:
        if values["model_name"].present:
            raise UsageError("--model_name belongs to --model_base_path: --model_config_file names "
                             "its models itself")  # fmt: skip
        configs = read_model_config(values.model_config_file)
        for config in configs:
            _check_folder(
                config, f"--model_config_file={values.model_config_file}: {config.name}: "
            )
        return configs
    if not values.model_name or set(values.model_name) & set("/:"):
        raise UsageError(f"--model_name={values.model_name}: a name without / and :")
    config = ModelConfig(values.model_name, _base_path(values.model_base_path))
    _check_folder(config, "")
    return [config]


def _base_path(name: str) -> Path:
    """The folder that is named; a shipped model's where there is none of that name."""
    path, shipped = Path(name).expanduser(), shipped_models().get(name)
    if path.exists() or shipped is None or not versions(shipped.path.parent):
        return path
    return shipped.path.parent


def _check_folder(config: ModelConfig, where: str) -> None:
    path = config.base_path
    what = f"{where}--model_base_path={path}" if not where else f"{where}base_path {path}"
    if not path.is_dir():
        names = ", ".join(sorted(shipped_models())) or "none"
        # The configuration file is TensorFlow Serving's, which knows folders alone.
        or_shipped = f", and no shipped model of that name (shipped models: {names})"
        raise UsageError(f"{what}: no such folder{'' if where else or_shipped}")
    if (path / SAVED_MODEL_FILE).is_file():
        raise UsageError(
            f"{what}: is a version itself: name the folder above it, {path.absolute().parent}"
        )
    if not versions(path) and versions(path / "export"):
        raise UsageError(f"{what}: has no numbered versions, but {path / 'export'} has: name that")


def _require_one(models: "ModelManager", configs: Sequence[ModelConfig]) -> None:
    """Refuse to start with nothing but versions that cannot be loaded.

    Raises:
        UserError: With the reason of the first one.
    """
    from style_gan_tf.serving.rest.errors import RestError

    if models.describe():
        return
    for config in configs:
        try:
            statuses = models.statuses(config.name, None, None)
        except RestError:  # No version is there yet: one may come.
            continue
        failed = next((status for status in statuses if status.code != "OK"), None)
        if failed is not None:
            raise UserError(f"{config.name} version {failed.version}: {failed.message}")


def _rereader(values: flags.FlagValues) -> Callable[[], list[ModelConfig] | None]:
    """Reads the configuration anew when it is time to and its text has changed."""
    seconds, path = values.model_config_file_poll_wait_seconds, values.model_config_file
    if not (seconds and path):
        return lambda: None
    file = Path(path).expanduser()
    read_at, read_text = time.monotonic(), file.read_bytes()

    def reread() -> list[ModelConfig] | None:
        nonlocal read_at, read_text
        if time.monotonic() - read_at < seconds:
            return None
        read_at = time.monotonic()
        try:
            text = file.read_bytes()
            if text == read_text:
                return None
            read_text = text
            return read_model_config(path)
        except (OSError, UsageError) as error:
            print(f"the models stay as they are: {error}", file=sys.stderr, flush=True)
            return None

    return reread


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.serve", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
