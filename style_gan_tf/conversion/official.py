"""The networks of the official PyTorch code of CycleGAN, pix2pix and CUT, module by module.

Their modules are numbered as they stand in `nn.Sequential`; paddings, activations and dropout are
numbered too, and have no tensors.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from style_gan_tf.conversion.parts import (
    BatchNorm,
    Blur,
    Convolution,
    InstanceNorm,
    Part,
    State,
)


@dataclasses.dataclass(frozen=True)
class Layout:
    """A network as the official code has it and as we build it.

    Attributes:
        role: "generator" or "discriminator".
        architecture: Our name of it.
        options: Of our builder.
        parts: Its modules, in the order that pictures pass them.
    """

    role: str
    architecture: str
    options: dict[str, Any]
    parts: list[Part]


class _Modules:
    """Collects parts, with the choices that run through a network.

    `normalization` is read from the tensors: `norm` is the first normalization and `before` the
    convolution before it, whose bias the official code drops unless it is followed by an
    instance normalization.
    """

    def __init__(self, state: State, before: str, norm: str, statistics: str) -> None:
        self.state = state
        self.statistics = statistics
        self.parts: list[Part] = []
        if f"{norm}.weight" in state:
            self.normalization = "batch"
        else:
            self.normalization = "instance" if f"{before}.bias" in state else "none"

    @property
    def option(self) -> str:
        """Our builders' name of the normalization."""
        measured = self.normalization == "batch" and self.statistics == "batch"
        return "affine_instance" if measured else self.normalization

    def convolve(
        self,
        name: str,
        inputs: int,
        outputs: int,
        side: int,
        *,
        normalized: bool = True,
        transposed: bool = False,
    ) -> None:
        """`normalized`: built with the bias that convolutions before a normalization have."""
        bias = not normalized or self.normalization == "instance"
        zero_bias = self.normalization == "none"
        self.parts.append(Convolution(name, inputs, outputs, side, bias, zero_bias, transposed))

    def normalize(self, name: str, channels: int) -> None:
        if self.normalization == "batch":
            self.parts.append(BatchNorm(name, channels, self.statistics))
        elif self.normalization == "instance":
            self.parts.append(InstanceNorm(name))

    def blur(self, name: str, channels: int, window: tuple[int, ...], gain: float) -> None:
        self.parts.append(Blur(name, channels, window, gain))


def _resnet(state: State, statistics: str, antialias: bool, *, n_blocks: int) -> Layout:
    """`ResnetGenerator`; the dropout that pix2pix puts into its blocks is left out."""
    width = _channels(state, "model.1.weight", 0)
    modules = _Modules(state, "model.1", "model.2", statistics)
    modules.convolve("model.1", 3, width, 7)
    modules.normalize("model.2", width)
    place = 4
    for channels in (width, 2 * width):
        modules.convolve(f"model.{place}", channels, 2 * channels, 3)
        modules.normalize(f"model.{place + 1}", 2 * channels)
        if antialias:
            modules.blur(f"model.{place + 3}", 2 * channels, (1, 2, 1), gain=1.0)
        place += 4 if antialias else 3
    for _ in range(n_blocks):
        block = f"model.{place}.conv_block"
        has_dropout = f"{block}.6.weight" in state and f"{block}.5.weight" not in state
        for module in (1, 6 if has_dropout else 5):
            modules.convolve(f"{block}.{module}", 4 * width, 4 * width, 3)
            modules.normalize(f"{block}.{module + 1}", 4 * width)
        place += 1
    for channels in (4 * width, 2 * width):
        if antialias:
            modules.blur(f"model.{place}", channels, (1, 3, 3, 1), gain=4.0)
            place += 1
        modules.convolve(f"model.{place}", channels, channels // 2, 3, transposed=not antialias)
        modules.normalize(f"model.{place + 1}", channels // 2)
        place += 3
    modules.convolve(f"model.{place + 1}", width, 3, 7, normalized=False)
    options = {
        "filters": width,
        "n_blocks": n_blocks,
        "normalization": modules.option,
        "upsampling": "blur" if antialias else "transpose",
    }
    return Layout("generator", "resnet", options, modules.parts)


def _unet(state: State, statistics: str, antialias: bool, *, depth: int) -> Layout:
    """`UnetGenerator`: each block holds the next one between its way down and its way up."""
    del antialias
    width = _channels(state, "model.model.0.weight", 0)
    widths = [width * min(2**level, 8) for level in range(depth)]
    blocks = ["model", *("model.model.1" + ".model.3" * level for level in range(depth - 1))]
    modules = _Modules(state, "model.model.0", "model.model.1.model.2", statistics)
    for level, block in enumerate(blocks):
        inputs = widths[level - 1] if level else 3
        modules.convolve(f"{block}.model.{1 if level else 0}", inputs, widths[level], 4)
        if 0 < level < depth - 1:
            modules.normalize(f"{block}.model.2", widths[level])
    for level in reversed(range(1, depth)):
        innermost = level == depth - 1
        # All but the innermost get their counterpart's map beside their own.
        inputs = widths[level] * (1 if innermost else 2)
        module = 3 if innermost else 5
        up = f"{blocks[level]}.model"
        modules.convolve(f"{up}.{module}", inputs, widths[level - 1], 4, transposed=True)
        modules.normalize(f"{up}.{module + 1}", widths[level - 1])
    modules.convolve("model.model.3", 2 * width, 3, 4, normalized=False, transposed=True)
    options = {"filters": width, "depth": depth, "normalization": modules.option}
    return Layout("generator", "unet", options, modules.parts)


def _patch(state: State, statistics: str, antialias: bool, *, n_layers: int) -> Layout:
    """`NLayerDiscriminator`."""
    del antialias
    width, channels = (_channels(state, "model.0.weight", axis) for axis in (0, 1))
    modules = _Modules(state, "model.2", "model.3", statistics)
    modules.convolve("model.0", channels, width, 4, normalized=False)
    widths = [width * min(2**layer, 8) for layer in range(n_layers + 1)]
    for layer in range(1, n_layers + 1):
        place = 3 * layer - 1
        modules.convolve(f"model.{place}", widths[layer - 1], widths[layer], 4)
        modules.normalize(f"model.{place + 1}", widths[layer])
    modules.convolve(f"model.{3 * n_layers + 2}", widths[-1], 1, 4, normalized=False)
    options = {
        "filters": width,
        "n_layers": n_layers,
        "normalization": modules.option,
        "channels": channels,
    }
    return Layout("discriminator", "patch", options, modules.parts)


def _pixel(state: State, statistics: str, antialias: bool) -> Layout:
    """`PixelDiscriminator`."""
    del antialias
    width, channels = (_channels(state, "net.0.weight", axis) for axis in (0, 1))
    modules = _Modules(state, "net.2", "net.3", statistics)
    modules.convolve("net.0", channels, width, 1, normalized=False)
    modules.convolve("net.2", width, 2 * width, 1)
    modules.normalize("net.3", 2 * width)
    modules.convolve("net.5", 2 * width, 1, 1)
    options = {"filters": width, "normalization": modules.option, "channels": channels}
    return Layout("discriminator", "pixel", options, modules.parts)


def _channels(state: State, name: str, axis: int) -> int:
    """The size of a kernel's axis; where there is no such kernel, 1: its absence is told later."""
    shape = state[name].shape if name in state else ()
    return shape[axis] if len(shape) == 4 else 1


# By the names that the official code's --netG and --netD have.
NETWORKS: dict[str, Callable[[State, str, bool], Layout]] = {
    "resnet_9blocks": functools.partial(_resnet, n_blocks=9),
    "resnet_6blocks": functools.partial(_resnet, n_blocks=6),
    "unet_256": functools.partial(_unet, depth=8),
    "unet_128": functools.partial(_unet, depth=7),
    "basic": functools.partial(_patch, n_layers=3),
    "pixel": _pixel,
}
GENERATORS = ("resnet_9blocks", "resnet_6blocks", "unet_256", "unet_128")
