"""The networks of the official CycleGAN, pix2pix and CUT code, in NumPy (see torch_like.py)."""

from collections.abc import Callable

import numpy as np

from tests.conversion.torch_like import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Downsample,
    Holder,
    InstanceNorm2d,
    Module,
    Plain,
    Sequential,
    Upsample,
    dropout,
    leaky_relu,
    pad,
    relu,
)

Norm = Callable[[int], Module]


def run(network: Module, images: np.ndarray) -> np.ndarray:
    """`[batch, height, width, channels]` in and out."""
    return network(images.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)


def no_norm(channels: int) -> Plain:
    del channels
    return dropout()


def measured_batch_norm(channels: int) -> BatchNorm2d:
    return BatchNorm2d(channels, measured=True)


def resnet(
    width: int, n_blocks: int, norm: Norm, *, antialias: bool = False, drop: bool = False
) -> Holder:
    bias = norm is InstanceNorm2d
    modules: list[Module] = [pad(3), Conv2d(3, width, 7, bias=bias), norm(width), relu()]
    for channels in (width, 2 * width):
        twice = 2 * channels
        stride = 1 if antialias else 2
        modules += [Conv2d(channels, twice, 3, stride, 1, bias), norm(twice), relu()]
        modules += [Downsample(twice)] if antialias else []
    for _ in range(n_blocks):
        size = 4 * width
        inner = [pad(1), Conv2d(size, size, 3, bias=bias), norm(size), relu()]
        inner += [dropout()] if drop else []
        inner += [pad(1), Conv2d(size, size, 3, bias=bias), norm(size)]
        modules.append(Holder("conv_block", Sequential(*inner), lambda x, y: x + y))
    for channels in (4 * width, 2 * width):
        half = channels // 2
        if antialias:
            modules += [Upsample(channels), Conv2d(channels, half, 3, 1, 1, bias)]
        else:
            modules += [ConvTranspose2d(channels, half, 3, 1, 1, bias)]
        modules += [norm(half), relu()]
    modules += [pad(3), Conv2d(width, 3, 7), Plain(np.tanh)]
    return Holder("model", Sequential(*modules))


def skip(*modules: Module) -> Holder:
    return Holder("model", Sequential(*modules), lambda x, y: np.concatenate([x, y], axis=1))


def unet(width: int, depth: int, norm: Norm) -> Holder:
    bias = norm is InstanceNorm2d
    widths = [width * min(2**level, 8) for level in range(depth)]
    block: Module = skip(
        leaky_relu(),
        Conv2d(widths[-2], widths[-1], 4, 2, 1, bias),
        relu(),
        ConvTranspose2d(widths[-1], widths[-2], 4, 1, bias=bias),
        norm(widths[-2]),
    )
    for outer, inner in zip(widths[-3::-1], widths[-2:0:-1], strict=True):
        block = skip(
            leaky_relu(),
            Conv2d(outer, inner, 4, 2, 1, bias),
            norm(inner),
            block,
            relu(),
            ConvTranspose2d(2 * inner, outer, 4, 1, bias=bias),
            norm(outer),
            dropout(),
        )
    outermost = Sequential(
        Conv2d(3, width, 4, 2, 1, bias),
        block,
        relu(),
        ConvTranspose2d(2 * width, 3, 4, 1),
        Plain(np.tanh),
    )
    return Holder("model", Holder("model", outermost))


def patch_gan(width: int, norm: Norm, channels: int = 3) -> Holder:
    bias = norm is InstanceNorm2d
    modules: list[Module] = [Conv2d(channels, width, 4, 2, 1), leaky_relu()]
    for layer in range(1, 4):
        inputs, outputs = width * 2 ** (layer - 1), width * 2**layer
        modules += [Conv2d(inputs, outputs, 4, 2 if layer < 3 else 1, 1, bias), norm(outputs)]
        modules += [leaky_relu()]
    modules.append(Conv2d(8 * width, 1, 4, 1, 1))
    return Holder("model", Sequential(*modules))


def pixel_gan(width: int, norm: Norm) -> Holder:
    bias = norm is InstanceNorm2d
    modules = [Conv2d(3, width, 1), leaky_relu(), Conv2d(width, 2 * width, 1, bias=bias)]
    modules += [norm(2 * width), leaky_relu(), Conv2d(2 * width, 1, 1, bias=bias)]
    return Holder("net", Sequential(*modules))
