"""How many images a second the input pipeline delivers, alone: `python -m benchmarks.data`."""

import sys
import time

from absl import flags

from style_gan_tf.command_line import FlagValues, run


def define_flags(values: FlagValues) -> None:
    """Define the flags of this benchmark."""
    flags.DEFINE_string("data", "demo:photos", "Spec of the pictures.", flag_values=values)
    flags.DEFINE_integer("crop", 128, "Crop, in pixels.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("batch_size", 8, "Images a batch.", lower_bound=1, flag_values=values)
    flags.DEFINE_float("seconds", 10, "How long to measure.", lower_bound=0, flag_values=values)
    flags.DEFINE_bool("cache", False, "Keep decoded pictures in memory.", flag_values=values)


def main(values: FlagValues) -> None:
    """Measure and print one line."""
    from style_gan_tf.data import Augmentation, batches, open_source

    source = open_source(values.data)
    dataset = batches(
        source,
        Augmentation(crop=values.crop),
        batch_size=values.batch_size,
        seed=0,
        cache=values.cache,
    )
    iterator = iter(dataset)
    for _ in range(max(5, len(source) // values.batch_size if values.cache else 0)):
        next(iterator)
    count, begin = 0, time.perf_counter()
    while (taken := time.perf_counter() - begin) < values.seconds or count == 0:
        next(iterator)
        count += values.batch_size
    print(
        f"{values.data}: {count / taken:.0f} images/s of {values.crop} x {values.crop} pixels"
        f" in batches of {values.batch_size} ({count} images in {taken:.1f} s)"
    )


if __name__ == "__main__":
    sys.exit(run("python -m benchmarks.data", __doc__ or "", define_flags, main))
