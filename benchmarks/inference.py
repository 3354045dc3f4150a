"""One 1920x1080 picture through our generators and through PyTorch's fast_neural_style network.

    python -m benchmarks.inference --rounds=5

`fast` and `resnet` with their default options and in the precision that inference takes by itself
on this machine, inside one `tf.function` for all sizes, padding and cropping included, as the
stylize command runs them. PyTorch's network runs in float32 and in its fastest setting. The
weights are random: they do not change the time. docs/benchmarks.md says how to read the figures.

Beside them `fast` with two styles, mixed, and `fast` by a style code: what a dial for styles costs.
"""

import sys
from collections.abc import Callable
from typing import Any

from absl import flags

from benchmarks import alternating
from style_gan_tf import command_line
from style_gan_tf.errors import UsageError

_PLAIN = "fast"
# Architecture and options of each of ours.
_OURS: dict[str, tuple[str, dict[str, Any]]] = {
    _PLAIN: ("fast", {}),
    "fast, two styles": ("fast", {"num_styles": 2}),
    "fast, by code": ("fast", {"style_encoder": True, "by_code": True}),
    "resnet": ("resnet", {}),
}
_PROBE_SHARE = 2  # PyTorch's settings are tried on a picture of half the width and height.


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default in (("width", 1920), ("height", 1080)):
        flags.DEFINE_integer(
            name, default, f"The picture's {name}; a multiple of 8.", flag_values=values
        )
    alternating.define_flags(values, rounds=5)


def main(values: flags.FlagValues) -> None:
    """Time the networks in turns and print the ratios."""
    for name in ("width", "height"):
        size = values[name].value
        if size % 8 or size < 32:
            raise UsageError(f"--{name}={size}: must be a multiple of 8 from 32 on")
    compare = alternating.prepare(values)
    facts = alternating.machine()
    print(alternating.describe(facts))
    contenders, ours = _ours(values.height, values.width)
    facts |= {"width": values.width, "height": values.height, **ours}
    if compare:
        facts |= _add_peers(values, contenders, facts)
    timings = alternating.take_turns(contenders, values.rounds)
    alternating.report(facts, timings, values.json)
    medians = {timing.name: timing.median for timing in timings}
    for name in _OURS:
        if name.startswith(f"{_PLAIN},"):
            print(f"cost: {name} takes {medians[name] / medians[_PLAIN]:.3f} of {_PLAIN}")


def _ours(height: int, width: int) -> tuple[list[alternating.Contender], dict[str, Any]]:
    """Our generators as contenders, and what is to be said of them."""
    import tensorflow as tf

    from style_gan_tf.networks import build_generator, rebuild
    from style_gan_tf.precision import choose_precision

    precision = choose_precision("auto")
    print(f"ours: precision {precision} (auto)")
    picture = tf.random.Generator.from_seed(1).uniform([1, height, width, 3], -1.0, 1.0)
    contenders, counts = [], {}
    for name, (architecture, options) in _OURS.items():
        network = rebuild(build_generator(architecture, **options), precision)
        counts[name] = network.count_params()
        print(f"{name}: {counts[name]:,} parameters")
        contenders.append(alternating.Contender(name, _our_job(network, picture), True))
    return contenders, {"precision": precision, "parameters": counts}


def _our_job(network: Any, picture: Any) -> Callable[[], object]:
    import tensorflow as tf

    from style_gan_tf.networks import any_size

    numbers = network.num_styles
    stylize = tf.function(
        lambda images, style: any_size(network, images, style_weights=style),
        input_signature=[
            tf.TensorSpec([None, None, None, 3], tf.float32),
            tf.TensorSpec([None, numbers], tf.float32),
        ],
        autograph=False,
    )
    style = tf.fill([1, numbers], 1.0 / numbers)
    return lambda: stylize(picture, style).numpy()


def _add_peers(
    values: Any, contenders: list[alternating.Contender], facts: dict[str, Any]
) -> dict[str, Any]:
    """Add PyTorch's network to the contenders and return what is to be said of it."""
    import torch

    from benchmarks import peers
    from benchmarks.peers.fast_neural_style import TransformerNet

    count = sum(weight.numel() for weight in TransformerNet().parameters())
    print(f"PyTorch's network: {count:,} parameters")

    def job(setting: peers.Setting, share: int = 1) -> Callable[[], object]:
        placed = setting.place(TransformerNet().eval())
        draw = torch.Generator().manual_seed(1)
        shape = (1, 3, values.height // share, values.width // share)
        picture = setting.place(torch.rand(shape, generator=draw) * 255)

        def stylize() -> Any:
            with torch.inference_mode(), setting.autocast():
                return placed(picture)

        return stylize

    best = peers.fastest(lambda s: job(s, _PROBE_SHARE), alternating.has_bfloat16(facts))
    contenders.append(alternating.Contender("PyTorch float32", job(peers.REFERENCE)))
    if best != peers.REFERENCE:
        contenders.append(alternating.Contender(f"PyTorch best ({best})", job(best)))
    return {"best_setting": str(best), "peer_parameters": count}


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.inference", __doc__ or "", define_flags, main))
