"""CUT's networks: those of CycleGAN, resampled by blurs (Zhang 2019) in place of strides.

Modules are numbered as in the published code, so that its state dicts fit, and so that the
papers' layer numbers (CUT's 0, 4, 8, 12, 16) mean the same maps here.
"""

from collections.abc import Sequence

import torch
from torch import nn

from benchmarks.peers.cyclegan import ResidualBlock, normalized


class Generator(nn.Module):
    """ResNet between two halvings and two doublings (Park et al. 2020, appendix C).

    Input and output `[batch, 3, height, width]` in [-1, 1]; height and width multiples of 4.

    Args:
        filters: Channels at full resolution.
        blocks: Residual blocks.
    """

    def __init__(self, filters: int = 64, blocks: int = 9) -> None:
        super().__init__()
        layers = [nn.ReflectionPad2d(3), *normalized(nn.Conv2d(3, filters, 7))]
        for channels in (filters, filters * 2):
            layers += normalized(nn.Conv2d(channels, channels * 2, 3, padding=1))
            layers.append(HalfSize(channels * 2))
        layers += [ResidualBlock(filters * 4) for _ in range(blocks)]
        for channels in (filters * 4, filters * 2):
            layers.append(DoubleSize(channels))
            layers += normalized(nn.Conv2d(channels, channels // 2, 3, padding=1))
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(filters, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(images)

    def with_features(
        self, images: torch.Tensor, layers: Sequence[int]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """The stylized images, and what the layers of these numbers gave."""
        found, x = [], images
        for number, layer in enumerate(self.model):
            x = layer(x)
            if number in layers:
                found.append(x)
        return x, found

    def features(self, images: torch.Tensor, layers: Sequence[int]) -> list[torch.Tensor]:
        """What the layers of these numbers gave; no layer after the last of them is run."""
        found, x = [], images
        for number in range(max(layers) + 1):
            x = self.model[number](x)
            if number in layers:
                found.append(x)
        return found


class Discriminator(nn.Module):
    """C64-C128-C256-C512 and one logit a patch (Isola et al. 2017, 6.1.2), halved by blurs."""

    def __init__(self, filters: int = 64) -> None:
        super().__init__()
        layers = [nn.Conv2d(3, filters, 4, padding=1), nn.LeakyReLU(0.2), HalfSize(filters)]
        for factor in (2, 4):
            channels = filters * factor
            layers += [
                nn.Conv2d(channels // 2, channels, 4, padding=1),
                nn.InstanceNorm2d(channels),
                nn.LeakyReLU(0.2),
                HalfSize(channels),
            ]
        layers += [
            nn.Conv2d(filters * 4, filters * 8, 4, padding=1),
            nn.InstanceNorm2d(filters * 8),
            nn.LeakyReLU(0.2),
            nn.Conv2d(filters * 8, 1, 4, padding=1),
        ]
        self.model = nn.Sequential(*layers)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(images)


class HalfSize(nn.Module):
    """Every other place of the map blurred by [1, 2, 1] both ways, borders reflected."""

    filt: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.register_buffer("filt", _kernel((1.0, 2.0, 1.0), 1.0).repeat(channels, 1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = nn.functional.pad(x, (1, 1, 1, 1), mode="reflect")
        return nn.functional.conv2d(padded, self.filt, stride=2, groups=self.channels)


class DoubleSize(nn.Module):
    """Twice the size, by [1, 3, 3, 1] / 4 both ways, borders repeated.

    That filter on a map with zeros between its values is bilinear interpolation, which PyTorch has
    a kernel for, and a faster one in bfloat16; the filter itself is in published state dicts.
    """

    filt: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        kernel = _kernel((1.0, 3.0, 3.0, 1.0), 4.0)
        self.register_buffer("filt", kernel.repeat(channels, 1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def _kernel(window: tuple[float, ...], total: float) -> torch.Tensor:
    """The outer product of a window with itself, `[1, 1, side, side]`, of that sum."""
    square = torch.outer(torch.tensor(window), torch.tensor(window))
    return (square * (total / square.sum()))[None, None]
