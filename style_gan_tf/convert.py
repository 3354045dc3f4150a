"""Turn a checkpoint of the official PyTorch CycleGAN, pix2pix or CUT into a model of ours.

    python -m style_gan_tf.convert --checkpoint=latest_net_G.pth --network=resnet_9blocks \\
        --output=models/horse2zebra

writes `generator.keras` and `export/<next version>/` (a SavedModel) into the output folder, which
stylize, evaluate and TF Serving then take as they take a run folder. CUT's networks want
`--antialias`. The width and the normalization are read from the file. PyTorch must be installed;
the file is read as data, and code in it is refused.
"""

import sys
from pathlib import Path

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.conversion import STATISTICS, build_planned, plan_network, read_state_dict
from style_gan_tf.conversion.official import GENERATORS
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.naming import RUN_GENERATOR


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    flags.DEFINE_string(
        "checkpoint", "", "The generator's state dict, such as latest_net_G.pth.",
        flag_values=values,
    )  # fmt: skip
    flags.DEFINE_enum(
        "network", None, GENERATORS, "What the official code's --netG was.", flag_values=values
    )
    flags.DEFINE_bool(
        "antialias", False, "It resamples by blurs, as CUT does by default.", flag_values=values
    )
    flags.DEFINE_enum(
        "norm_statistics",
        "running",
        STATISTICS,
        "Batch normalization by the training's averages (the official --eval), or by each "
        "picture's own statistics (the official test without it).",
        flag_values=values,
    )
    flags.DEFINE_string(
        "output", "", "The folder to write generator.keras and export/ in.", flag_values=values
    )
    flags.DEFINE_bool(
        "overwrite", False, "Replace a generator.keras that is there.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Convert the checkpoint that the flags name."""
    for flag in ("checkpoint", "network", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    checkpoint = Path(values.checkpoint).expanduser()
    if not checkpoint.is_file():
        raise UsageError(f"--checkpoint={checkpoint}: no such file")
    folder = Path(values.output).expanduser()
    file = folder / RUN_GENERATOR
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--output={folder} is a file: name a folder")
    if file.exists() and not values.overwrite:
        raise UsageError(f"{file} exists: name another --output, or add --overwrite")
    plan = plan_network(
        read_state_dict(checkpoint),
        values.network,
        antialias=values.antialias,
        norm_statistics=values.norm_statistics,
        source=str(checkpoint),
    )

    command_line.load_tensorflow()
    from style_gan_tf.exporting import export_saved_model
    from style_gan_tf.images import whole_file

    network = build_planned(plan)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output={folder}: cannot be made ({error.strerror})") from None
    with whole_file(file) as unfinished:
        network.save(unfinished)
    made_of = {"checkpoint": checkpoint.name, "network": values.network}
    version = export_saved_model(
        network, folder / "export", facts={"name": folder.name, "converted_from": made_of}
    )
    print(f"generator: {file}\nSavedModel: {version}")


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.convert", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
