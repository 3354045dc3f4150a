"""What each term of the contrastive objective costs: a training step with it against one without.

    python -m benchmarks.objective_terms --rounds=5

`configs/painting.flags`' networks in the precision that training takes by itself, on pictures that
lie in memory; whole steps, in turns. The first contender is the step with PatchNCE and no further
term; the others change one thing: EnCo in PatchNCE's place, a term more, statistics judged as well,
a fifth map, VGG19's three maps. docs/benchmarks.md says how to read the figures.
"""

import sys
from collections.abc import Callable
from typing import Any

from absl import flags

from benchmarks import alternating
from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.training import Settings

_BASE = "base"
# What changes of a step with PatchNCE over four maps of EfficientNet-Lite0: options of the
# objective, then of the discriminator.
_TERMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    _BASE: ({}, {}),
    "enco": ({"nce": "enco"}, {}),
    "content_weight": ({"content_weight": 1.0}, {}),
    "skin_weight": ({"skin_weight": 1.0}, {}),
    "color_weight": ({"color_weight": 1.0}, {}),
    "statistics": ({}, {"statistics": True}),
    "depths=5": ({}, {"depths": 5}),
    "vgg19": ({}, {"extractor": "vgg19"}),
}


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("size", 256, "Height and width of the pictures; a multiple of 32."),
        ("batch", 2, "Pictures a step."),
        ("filters", 96, "Channels of the generator."),
    ):
        flags.DEFINE_integer(name, default, text, lower_bound=1, flag_values=values)
    flags.DEFINE_multi_enum("term", [], list(_TERMS), "Time these alone.", flag_values=values)
    alternating.define_flags(values, rounds=5)


def main(values: flags.FlagValues) -> None:
    """Time the steps in turns and print the ratios."""
    if values.size % 32 or values.size < 64:
        raise UsageError(f"--size={values.size}: must be a multiple of 32 from 64 on")
    command_line.load_tensorflow()
    facts = alternating.machine()
    print(alternating.describe(facts))
    facts |= {name: values[name].value for name in ("size", "batch", "filters")}
    contenders = [
        # Each against the first: what stands for a peer here is the step without the term.
        alternating.Contender(name, _job(values, *changes), ours=name != _BASE)
        for name, changes in _TERMS.items()
        if name == _BASE or not values.term or name in values.term
    ]
    timings = alternating.take_turns(contenders, values.rounds)
    alternating.report(facts, timings, values.json)
    base = next(timing.median for timing in timings if timing.name == _BASE)
    for timing in timings:
        print(f"{timing.name}: {100 * (timing.median / base - 1):+.0f} % of a step")


def _job(
    values: Any, options: dict[str, Any], discriminator: dict[str, Any]
) -> Callable[[], object]:
    """A whole training step on random pictures in memory."""
    import tensorflow as tf

    from style_gan_tf.objectives import NetworkChoice, Setting, find_objective
    from style_gan_tf.precision import choose_precision
    from style_gan_tf.training.step import TrainStep
    from style_gan_tf.training.strategy import make_strategy

    settings = Settings(crop=values.size, batch_size=values.batch, steps=1000)
    setting = Setting(
        NetworkChoice("fast", {"filters": values.filters}),
        NetworkChoice("projected", discriminator),
        dtype=choose_precision(settings.precision),
        batch=values.batch,
        crop=values.size,
    )
    contrastive = find_objective("contrastive")
    given = {"adversarial": "hinge", "first_map": 1, "identity_nce": False, **options}
    strategy = make_strategy()
    with strategy.scope():
        objective = contrastive(contrastive.Options(**given), setting)
        step = TrainStep(objective, settings, settings.steps, strategy)
    draw = tf.random.Generator.from_seed(1)
    shape = [values.batch, values.size, values.size, 3]
    content, style = (draw.uniform(shape, -1.0, 1.0) for _ in range(2))
    batch = {"content": content, "style": style, "positions": tf.range(values.batch)}
    return lambda: step(batch)


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.objective_terms", __doc__ or "", define_flags, main))
