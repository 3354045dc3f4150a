"""Better pictures per minute? Our recipe, CUT, CycleGAN and EnCo, for the same wall clock.

    python -m benchmarks.quality --minutes=60 --seeds=3 --content_data=photos/ \\
        --style_data=paintings/ --output=runs/quality

Takes the train command's flags, which say what ours is, by default `painting.flags`; the same
training pictures, held-out pictures, crop and cores serve all, one after the other, each in a
process of its own. The peers are the published recipes in PyTorch's fastest setting, or with
`_float32` behind the name as published. What is in --output already is not run again, and a
training that was stopped goes on: the same command does both. Under other flags what is there is
refused by name. docs/benchmarks.md says how to read it.
"""

import os
import sys
from pathlib import Path
from typing import Any

from absl import flags

from benchmarks import alternating, contenders
from benchmarks.contenders import CONTENDERS, OURS, PEERS, Contender, PeerSettings
from style_gan_tf import command_line, train
from style_gan_tf.data import Augmentation
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.training import Settings

_FLAGFILE = "--flagfile=painting"
_SCHEDULES = ("linear", "constant")


def define_flags(values: flags.FlagValues) -> None:
    """Define the train command's flags and this benchmark's."""
    train.define_flags(values)
    flags.DEFINE_float("minutes", 60, "Wall clock of each.", lower_bound=0.001, flag_values=values)
    flags.DEFINE_integer(
        "seeds", 1, "Each is trained by so many seeds, from --seed on.", lower_bound=1,
        flag_values=values,
    )  # fmt: skip
    flags.DEFINE_float(
        "measure_minutes", 5, "Minutes between a peer's measurements, 0: at the end; ours are "
        "--eval_every.", lower_bound=0, flag_values=values,
    )  # fmt: skip
    flags.DEFINE_list(
        "contenders", [OURS, *PEERS], f"Which run: of {', '.join(CONTENDERS)}.", flag_values=values
    )
    flags.DEFINE_integer(
        "peer_crop", 0, "Crop of the peers; 0: that of ours. The recipes were published at 256.",
        lower_bound=0, flag_values=values,
    )  # fmt: skip
    flags.DEFINE_integer(
        "peer_load_size", 0, "Short side that the peers' pictures are resized to; 0: that of ours, "
        "and 286/256 of their crop at the least.", lower_bound=0, flag_values=values,
    )  # fmt: skip
    flags.DEFINE_enum(
        "peer_schedule", "linear", _SCHEDULES, "The peers' learning rate: linear falls over the "
        "second half of the minutes, as published over the epochs.", flag_values=values,
    )  # fmt: skip
    flags.DEFINE_string(
        "torch_python", sys.executable, "The Python whose environment has PyTorch.",
        flag_values=values,
    )  # fmt: skip
    flags.DEFINE_string(
        "output", "runs/quality", "Folder for runs, figures and the report.", flag_values=values
    )


def main(values: Any) -> int:
    """Run what is missing, write the report and print its tables."""
    output = Path(values.output)
    values.run_dir, values.max_minutes = str(output / OURS), values.minutes
    settings = train.settings_of(values)
    if not settings.eval_every:
        raise UsageError("--eval_every=0: nothing would be measured")
    facts = alternating.machine()
    peers = _peer_settings(values, settings, alternating.has_bfloat16(facts))
    runs = contenders.list_contenders(values.contenders, values.seeds, settings, peers, output)
    with_peers = any(run.name != OURS for run in runs)
    # All refusals come before the first hour of training.
    missing = [run for run in runs if not run.measured()]
    if any(run.name != OURS for run in missing):
        facts["versions"]["torch"] = contenders.find_torch(values.torch_python)
    output.mkdir(parents=True, exist_ok=True)
    print(alternating.describe(facts), flush=True)

    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # The comparison is one of CPUs.
    command_line.load_tensorflow()
    from benchmarks import quality_figures, quality_report

    jury = quality_figures.prepare(settings, peers, with_peers, output)
    for run in runs:
        if run not in missing:
            print(f"{run.name}, seed {run.seed}: measured before ({run.result})", flush=True)
            continue
        _train(run)
        run.write({**facts, **quality_figures.measure(run, jury)})
    print(quality_report.write_report(output, facts))
    print(f"report: {output / 'index.html'}")
    return 0


def _peer_settings(values: Any, settings: Settings, bfloat16: bool) -> PeerSettings:
    """The peers see the pictures at the scale of ours, at which all are measured."""
    crop = values.peer_crop or settings.crop
    least = Augmentation(crop=crop).short_side  # CycleGAN's 286 pixels for crops of 256.
    ours = Augmentation(crop=settings.crop, load_size=settings.load_size or None).short_side
    load_size = values.peer_load_size or max(ours, least)
    if load_size < crop:
        raise UsageError(f"--peer_load_size={load_size}: is below --peer_crop={crop}")
    return PeerSettings(
        values.torch_python,
        values.measure_minutes,
        crop,
        load_size,
        values.peer_schedule,
        bfloat16,
        alternating.cores(),
    )


def _train(run: Contender) -> None:
    """Train a contender, or go on with its training.

    Raises:
        UserError: When it did not come to its end.
    """
    print(f"{run.name}, seed {run.seed}: training", flush=True)
    run.write({})
    status: Any = contenders.run_process(run.command)
    if status:
        raise UserError(
            f"{run.name}, seed {run.seed}: its training ended with status {status} before its time "
            "was over; the same command goes on with it"
        )


if __name__ == "__main__":
    given = sys.argv[1:]
    if not any(argument.lstrip("-").startswith("flagfile") for argument in given):
        given = [_FLAGFILE, *given]
    sys.exit(command_line.run("benchmarks.quality", __doc__ or "", define_flags, main, given))
