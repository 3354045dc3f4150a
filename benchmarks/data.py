"""Does the input pipeline keep up? Images a second that it delivers alone, and that training takes.

    python -m benchmarks.data --flagfile=configs/quickstart.flags

Takes the train command's flags. Both figures come from one run, turn by turn: the pipeline by
itself, then training steps on a batch that lies in memory. The last line is the ratio.
"""

import statistics
import sys
import time
from collections.abc import Callable

from absl import flags

from style_gan_tf import command_line, train
from style_gan_tf.objectives import objective_entry

_ROUNDS = 3


def define_flags(values: flags.FlagValues) -> None:
    """Define the train command's flags and this benchmark's."""
    train.define_flags(values)
    flags.DEFINE_float(
        "seconds", 5, "How long each is measured, three times.", lower_bound=0, flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure both and print them and their ratio."""
    settings = train.settings_of(values)
    command_line.load_tensorflow()
    from style_gan_tf.training.assemble import assemble

    run = assemble(settings)
    batches = run.batches(0)
    batch = next(batches)
    # Of all streams: a batch may be as many content as style images.
    images = len(objective_entry(settings.objective).images) * settings.batch_size
    if settings.cache:
        for _ in range(run.data.epoch_images // settings.batch_size + 1):
            next(batches)
    for _ in range(3):  # Compilation, and buffers.
        run.train_step(batch)
        next(batches)
    delivered, taken = [], []
    for _ in range(_ROUNDS):
        delivered.append(images * _rate(lambda: next(batches), values.seconds))
        taken.append(images * _rate(lambda: run.train_step(batch), values.seconds))
    pipeline, training = statistics.median(delivered), statistics.median(taken)
    print(
        f"the pipeline delivers {pipeline:.0f} images/s of {settings.crop}x{settings.crop} pixels, "
        f"training takes {training:.0f}"
    )
    print(f"ratio: the pipeline is {pipeline / training:.1f} times as fast")


def _rate(job: Callable[[], object], seconds: float) -> float:
    """How often the job is done in a second."""
    count, begin = 0, time.perf_counter()
    while (taken := time.perf_counter() - begin) < seconds or not count:
        job()
        count += 1
    return count / taken


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.data", __doc__ or "", define_flags, main))
