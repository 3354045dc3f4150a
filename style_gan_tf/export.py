"""Write a trained generator as a SavedModel for TF Serving, the command line and any TensorFlow.

    python -m style_gan_tf.export --run_dir=runs/monet

writes `runs/monet/export/<next version>/` from the run's newest checkpoint (float32 weights, their
moving average), and prints that folder. A `.keras` file is exported with

    python -m style_gan_tf.export --model=generator.keras --output=models/monet
"""

import sys
from pathlib import Path

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import find_model


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    flags.DEFINE_string(
        "run_dir", "", "The run folder whose generator is exported.", flag_values=values
    )
    flags.DEFINE_string(
        "model", "", "Instead of --run_dir: a .keras file to export.", flag_values=values
    )
    flags.DEFINE_string(
        "output",
        "",
        "The folder in which the next numbered version is written; default RUN_DIR/export.",
        flag_values=values,
    )


def main(values: flags.FlagValues) -> None:
    """Export the model that the flags name."""
    source, output = _check(values.run_dir, values.model, values.output)
    command_line.load_tensorflow()
    from style_gan_tf.networks import load_network
    from style_gan_tf.serving import export_saved_model

    print(export_saved_model(load_network(source), output))


def _check(run_dir: str, model: str, output: str) -> tuple[Path, Path]:
    """The `.keras` file to export and the folder of versions to write in."""
    if bool(run_dir) == bool(model):
        raise UsageError("give either --run_dir=RUN or --model=FILE.keras")
    if run_dir:
        run = Path(run_dir).expanduser()
        if not run.is_dir():
            raise UsageError(f"--run_dir={run_dir}: no such folder")
        found = find_model(run)
        if found.kind != "keras":
            raise UsageError(f"--run_dir={run_dir} is a SavedModel already, not a run folder")
        folder = Path(output).expanduser() if output else run / "export"
    else:
        found = find_model(model)
        if found.kind != "keras":
            raise UsageError(f"--model={model} is a SavedModel already: copy its folder")
        if not output:
            raise UsageError("--output is missing: name the folder for the exported versions")
        folder = Path(output).expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--output={folder} is a file: name a folder")
    return found.path, folder


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.export", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
