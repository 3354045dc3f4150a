"""Train a style model on two folders of pictures, or go on with a run that was stopped.

    python -m style_gan_tf.train --content_data=photos/ --style_data=paintings/ \\
        --flagfile=configs/contrastive.flags --run_dir=runs/mine

The same command again resumes. `--check` reads the data, estimates time and memory, and stops.
"""

import dataclasses
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.data import DAMAGES, DIRECTIONS
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import find_model
from style_gan_tf.objectives import OBJECTIVES, objective_entry
from style_gan_tf.precision import PRECISIONS
from style_gan_tf.training import SCHEDULES, RunFolder, Settings


def define_flags(values: flags.FlagValues) -> None:
    """Define this command's flags; their defaults are those of `Settings`."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}

    def define(kind: Any, name: str, text: str, **limits: Any) -> None:
        kind(name, default=defaults[name], help=text, flag_values=values, **limits)

    string, integer, real, boolean = (
        flags.DEFINE_string, flags.DEFINE_integer, flags.DEFINE_float, flags.DEFINE_boolean
    )  # fmt: skip
    define(string, "content_data", "Dataset spec of the content images: a folder, a glob, "
           "tfds:NAME:SPLIT, tfrecord:PATTERN or demo:photos.")  # fmt: skip
    flags.DEFINE_multi_string("style_data", [], "Dataset spec of the style images; for several "
                              "styles NAME=SPEC, repeated.", flag_values=values)  # fmt: skip
    define(string, "paired_data", "Dataset spec of pairs: pictures whose left half is A and whose "
           "right half is B, or A's and B's specs with a comma between them, matched by name; with "
           "--degrade, one of good photographs.")  # fmt: skip
    define(flags.DEFINE_enum, "direction", "Which picture of a pair is the content and which the "
           "target.", enum_values=DIRECTIONS)  # fmt: skip
    define(string, "degrade", "Make pairs by damaging photographs: NAME:STRENGTH or NAME:LOW-HIGH, "
           f"separated by commas, of {_any_of(DAMAGES)} (docs/data.md).")  # fmt: skip
    define(string, "run_dir", "Run folder; default: runs/<the flagfile's name>.")
    define(string, "objective", f"What is minimised: {_any_of(OBJECTIVES)}.")
    define(string, "generator", "Generator, such as fast, resnet or noise.")
    define(string, "discriminator", "Discriminator, such as patch or image.")
    flags.DEFINE_multi_string("set", [], "name=value: an option of the objective, or "
                              "generator.NAME=value, discriminator.NAME=value; repeat it.",
                              flag_values=values)  # fmt: skip
    define(string, "init_from", "A model to start from: a .keras file or a run folder.")
    define(integer, "crop", "Height and width of the training pictures.")
    define(integer, "load_size", "Short side that pictures are resized to before the crop; "
           "0: chosen by the crop.")  # fmt: skip
    define(boolean, "flip", "Mirror every other picture.")
    define(real, "color_jitter", "Strength of random colour changes; 0: none.")
    define(integer, "batch_size", "Content images a step, over all devices.")
    define(boolean, "cache", "Keep the decoded pictures in memory.")
    define(integer, "max_pixels", "Skip pictures of more pixels.")
    define(integer, "steps", "Stop after so many steps; 0: no limit.")
    define(real, "epochs", "Stop after so many rounds over the content images; 0: no limit.")
    define(real, "max_minutes", "Stop after so many minutes of training; 0: no limit.")
    define(real, "learning_rate", "Learning rate of Adam.")
    define(
        real,
        "discriminator_learning_rate",
        "That of the discriminators; 0: the same as the others'.",
    )
    define(real, "beta1", "Adam's beta1.")
    define(real, "beta2", "Adam's beta2.")
    define(flags.DEFINE_enum, "schedule", "Learning rate over the steps.",
           enum_values=SCHEDULES)  # fmt: skip
    define(real, "clip_norm", "Clip each network's gradient to this norm; 0: no.")
    define(real, "ema", "Decay of the generator's averaged weights.")
    define(flags.DEFINE_enum, "precision", "Arithmetic; auto looks at the device.",
           enum_values=PRECISIONS)  # fmt: skip
    define(integer, "seed", "Of everything random.")
    define(boolean, "deterministic", "The same seed gives the same bits, on any device; slower.")
    define(integer, "log_every", "Steps between logged figures.")
    define(integer, "sample_every", "Steps between sheets of held-out pictures; 0: at the end.")
    define(integer, "samples", "Held-out pictures on a sheet.")
    define(integer, "eval_every", "Steps between measurements on held-out pictures; the best "
           "checkpoint is kept by them; 0: none.")  # fmt: skip
    define(integer, "eval_images", "Held-out pictures of each set that are measured, at most.")
    define(string, "extractor", "Network whose features KID is taken over: squeezenet, vgg19, "
           "efficientnet_lite0 or inception_v3; not one that it trains by.")  # fmt: skip
    define(string, "extractor_weights", "Its weights file; default: the package's own.")
    command_line.define_download(values)
    define(real, "checkpoint_minutes", "Minutes between checkpoints; 0: after every step.")
    define(integer, "keep", "How many of the newest checkpoints to keep.")
    flags.DEFINE_boolean("check", False, "Read the data, report, estimate the run's time and "
                         "memory, and stop.", flag_values=values)  # fmt: skip


def main(values: flags.FlagValues) -> int:
    """Train, or check; the exit status is 128 + the signal's number when one ended the run."""
    settings = settings_of(values)
    if not (settings.steps or settings.epochs or settings.max_minutes or values.check):
        raise UsageError("--steps, --epochs or --max_minutes: set one, or the run has no end")
    folder = RunFolder(settings.run_dir)
    if not values.check:
        folder.check(settings)
    _require_writable(folder.path)

    command_line.load_tensorflow()
    command_line.fetch_weights(values)
    from style_gan_tf import data
    from style_gan_tf.training.assemble import assemble
    from style_gan_tf.training.estimate import estimate
    from style_gan_tf.training.loop import train_run
    from style_gan_tf.training.reading import open_data, read_data

    if values.check:
        opened = open_data(settings)
        sheet = Path(f"{settings.run_dir.rstrip('/')}-check.png")
        sheet.parent.mkdir(parents=True, exist_ok=True)
        report = data.check_report(opened.sources, opened.augmentation, settings.seed, sheet)
        print(report, flush=True)
        print(estimate(assemble(settings, data=read_data(settings, opened))))
        return 0
    outcome = train_run(assemble(settings), folder)
    if outcome.signal is not None:
        return 128 + signal.Signals(outcome.signal)
    print(f"generator: {folder.generator}\nsamples: {folder.samples}")
    return 0


def settings_of(values: flags.FlagValues) -> Settings:
    """The flags as settings.

    Raises:
        UsageError: For what is missing or cannot be.
    """
    names = [field.name for field in dataclasses.fields(Settings)]
    given: dict[str, Any] = {name: values[name].value for name in names}
    given["set"] = tuple(given["set"])
    given["run_dir"] = given["run_dir"] or _default_run_dir(values)
    given["style_data"] = _style_data(given["style_data"], given["objective"])
    for flag in objective_entry(given["objective"]).flags:
        if not given[flag]:
            raise UsageError(f"--{flag}: missing; name a folder, a glob, tfds:NAME or demo:NAME")
    if given["init_from"]:
        given["init_from"] = str(_keras_file(given["init_from"]))
    return Settings(**given)


def _style_data(specs: list[str], objective: str) -> str | tuple[str, ...]:
    """One spec, or a tuple of NAME=SPEC for an objective of several styles."""
    if "styles" in objective_entry(objective).reads:
        return tuple(specs)
    if len(specs) > 1:
        raise UsageError(
            f"--style_data: given {len(specs)} times; --objective={objective} learns one style, "
            "--objective=multistyle several"
        )
    return specs[0] if specs else ""


def _any_of(names: Iterable[str]) -> str:
    return ", ".join(names)


def _default_run_dir(values: flags.FlagValues) -> str:
    if not values.flagfile:
        raise UsageError("--run_dir: missing; name the folder that the run shall live in")
    return str(Path("runs") / Path(values.flagfile[-1]).stem)


def _keras_file(model: str) -> Path:
    found = find_model(model)
    if found.kind != "keras":
        raise UsageError(f"--init_from={model}: a SavedModel cannot be trained; name a .keras file")
    return found.path


def _require_writable(path: Path) -> None:
    """Refuse a run folder that cannot be made or written, before anything is loaded."""
    existing = next(p for p in (path.absolute(), *path.absolute().parents) if p.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UsageError(f"--run_dir={path}: cannot be written; name another folder")


def console() -> None:
    """Entry point of `style-gan-train`."""
    sys.exit(command_line.run("style_gan_tf.train", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
