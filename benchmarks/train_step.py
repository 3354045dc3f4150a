"""One training step of CycleGAN: ours against the same networks and losses in PyTorch.

    python -m benchmarks.train_step --rounds=5

ResNet-9 generators with 64 filters, 70x70 PatchGANs, 256x256 pixels, batch 1, pool 50, identity
0.5; the step alone, on pictures that lie in memory. Ours computes in the precision that training
takes by itself on this machine; PyTorch as the published code runs it (float32) and in its
fastest setting. docs/benchmarks.md says how to read the figures.
"""

import sys
from collections.abc import Callable
from typing import Any

from absl import flags

from benchmarks import alternating
from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.training import Settings

_POOL = 50
_PROBE_SHARE = 2  # PyTorch's settings are tried on pictures of half the size.


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("size", 256, "Height and width of the pictures; a multiple of 4."),
        ("filters", 64, "Channels of the first convolution, in all networks."),
        ("blocks", 9, "Residual blocks of the generators."),
    ):
        flags.DEFINE_integer(name, default, text, lower_bound=1, flag_values=values)
    flags.DEFINE_boolean(
        "resize",
        False,
        "Time ours with our default upsampling=resize too, which PyTorch's networks do not have.",
        flag_values=values,
    )
    alternating.define_flags(values, rounds=5)


def main(values: flags.FlagValues) -> None:
    """Time the steps in turns and print the ratios."""
    # At half the size the discriminator's last normalization still needs more than one pixel.
    if values.size % 4 or values.size < 64:
        raise UsageError(f"--size={values.size}: must be a multiple of 4 from 64 on")
    compare = alternating.prepare(values)
    facts = alternating.machine()
    print(alternating.describe(facts))

    ours = our_step(values)
    precision = ours.trained.recipe["dtype"]
    facts |= {"precision": precision, "parameters": our_parameters(ours)}
    facts |= {"batch": 1, "pool": _POOL}
    facts |= {name: values[name].value for name in ("size", "filters", "blocks")}
    print(f"ours: precision {precision} (auto)")
    contenders = [alternating.Contender("ours", our_job(ours, values.size), ours=True)]
    if compare:
        facts |= _add_peers(values, contenders, facts)
    if values.resize:
        job = our_job(our_step(values, upsampling="resize"), values.size)
        contenders.append(alternating.Contender("ours, resize", job, ours=True))
    timings = alternating.take_turns(contenders, values.rounds)
    alternating.report(facts, timings, values.json)


def our_step(values: Any, upsampling: str = "transpose") -> Any:
    """Our `TrainStep` of the objective cyclegan, as the train command makes it.

    Args:
        values: `size`, `filters` and `blocks`.
        upsampling: Of the generators; the reference's is `transpose`.
    """
    from style_gan_tf.objectives import NetworkChoice, Setting, find_objective
    from style_gan_tf.precision import choose_precision
    from style_gan_tf.training.step import TrainStep
    from style_gan_tf.training.strategy import make_strategy

    settings = Settings(objective="cyclegan", generator="resnet", crop=values.size, steps=1000)
    options = {"filters": values.filters, "n_blocks": values.blocks, "upsampling": upsampling}
    setting = Setting(
        NetworkChoice(settings.generator, options),
        NetworkChoice(settings.discriminator, {"filters": values.filters}),
        dtype=choose_precision(settings.precision),
        batch=settings.batch_size,
        crop=settings.crop,
    )
    cyclegan = find_objective(settings.objective)
    strategy = make_strategy()
    with strategy.scope():
        objective = cyclegan(cyclegan.Options(pool_size=_POOL, identity_weight=0.5), setting)
        return TrainStep(objective, settings, settings.steps, strategy)


def our_job(step: Any, size: int) -> Callable[[], object]:
    """Our step on random pictures in memory."""
    import tensorflow as tf

    draw = tf.random.Generator.from_seed(1)
    content, style = (draw.uniform([1, size, size, 3], -1.0, 1.0) for _ in range(2))
    batch = {"content": content, "style": style, "positions": tf.range(1)}
    return lambda: step(batch)


def our_parameters(step: Any) -> dict[str, int]:
    """Trainable values of one generator and one discriminator."""
    return {
        name: sum(weight.shape.num_elements() for weight in step.optimizers[name].weights)
        for name in ("generator", "discriminator")
    }


def _add_peers(
    values: Any, contenders: list[alternating.Contender], facts: dict[str, Any]
) -> dict[str, Any]:
    """Add PyTorch's steps to the contenders and return what is to be said of them."""
    from benchmarks import peers
    from benchmarks.peers.cyclegan import CycleGan, parameters

    def model(setting: peers.Setting) -> CycleGan:
        return CycleGan(setting, values.filters, values.blocks, values.filters, _POOL)

    def job(setting: peers.Setting, size: int) -> Callable[[], object]:
        gan, pictures = model(setting), _pictures(setting, size)
        return lambda: gan.step(*pictures)

    reference = model(peers.REFERENCE)
    theirs = {
        "generator": parameters(reference.there),
        "discriminator": parameters(reference.judge_style),
    }
    counts = facts["parameters"]
    if theirs != counts:
        raise RuntimeError(f"not the same networks: ours {counts}, PyTorch's {theirs} parameters")
    told = " and ".join(f"{name} {count:,}" for name, count in counts.items())
    print(f"parameters, the same in TensorFlow and PyTorch: {told}")
    smaller = values.size // _PROBE_SHARE // 4 * 4
    best = peers.fastest(lambda s: job(s, smaller), alternating.has_bfloat16(facts))
    contenders.append(alternating.Contender("PyTorch float32", job(peers.REFERENCE, values.size)))
    if best != peers.REFERENCE:
        contenders.append(alternating.Contender(f"PyTorch best ({best})", job(best, values.size)))
    return {"best_setting": str(best)}


def _pictures(setting: Any, size: int) -> tuple[Any, Any]:
    import torch

    draw = torch.Generator().manual_seed(1)
    content, style = (
        setting.place(torch.rand(1, 3, size, size, generator=draw) * 2 - 1) for _ in range(2)
    )
    return content, style


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.train_step", __doc__ or "", define_flags, main))
