"""The network of PyTorch's example fast_neural_style (Johnson et al. 2016, instance-normalized)."""

import torch
from torch import nn


class TransformerNet(nn.Module):
    """conv9 32, conv3s2 64, conv3s2 128, 5 residual blocks, u64, u32, conv9 3.

    The one most used for feed-forward style transfer in PyTorch; 1,679,235 parameters. Input and
    output `[batch, 3, height, width]`, height and width multiples of 4.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_normalized(3, 32, 9),
            *_normalized(32, 64, 3, stride=2),
            *_normalized(64, 128, 3, stride=2),
            *(ResidualBlock(128) for _ in range(5)),
            nn.Upsample(scale_factor=2, mode="nearest"),
            *_normalized(128, 64, 3),
            nn.Upsample(scale_factor=2, mode="nearest"),
            *_normalized(64, 32, 3),
            *_convolution(32, 3, 9),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut; nothing follows the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_normalized(channels, channels, 3),
            *_convolution(channels, channels, 3),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x)


def _convolution(channels: int, filters: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Reflection keeps the size, up to the stride."""
    return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(channels, filters, kernel, stride)]


def _normalized(channels: int, filters: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [
        *_convolution(channels, filters, kernel, stride),
        nn.InstanceNorm2d(filters, affine=True),
        nn.ReLU(),
    ]
