"""What a run will take, from a few steps of it."""

import resource
import statistics
import sys
import time

from style_gan_tf.objectives import objective_entry
from style_gan_tf.training.assemble import Run

_STEPS = 4


def estimate(run: Run) -> str:
    """Train a few steps, keep nothing, and say what the whole run would take.

    Returns:
        Lines of text: device, precision, seconds a step, time of the run, memory.
    """
    batches = run.batches(0)
    durations = []
    for _ in range(_STEPS + 1):
        start = time.perf_counter()
        run.train_step(next(batches))
        durations.append(time.perf_counter() - start)
    # The first holds the compilation.
    seconds = statistics.median(durations[1:])
    settings = run.settings
    images = objective_entry(settings.objective).images
    lines = [
        f"device: {run.strategy.num_replicas_in_sync} x "
        f"{run.strategy.extended.worker_devices[0].split(':')[-2]}, "
        f"precision {run.train_step.trained.recipe['dtype']}",
        f"speed: {seconds:.2f} s a step of "
        f"{' and '.join(f'{settings.batch_size} {name}' for name in images)} images "
        f"({settings.batch_size / seconds:.1f} images/s)",
    ]
    hours = [
        *([run.total_steps * seconds / 3600] if run.total_steps else []),
        *([settings.max_minutes / 60] if settings.max_minutes else []),
    ]
    if hours:
        steps = min(hours) * 3600 / seconds
        lines.append(f"the run: about {min(hours) * 60:.0f} minutes for {steps:.0f} steps")
    else:
        lines.append("the run: no limit; set --steps, --epochs or --max_minutes")
    lines.append(f"memory: {_peak_bytes() / 2**30:.1f} GiB at most so far")
    return "\n".join(lines)


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
