"""One training step of CycleGAN (Zhu et al. 2017) in PyTorch, in the reference's order of work."""

import itertools
import random
from typing import Any

import torch
from torch import nn

from benchmarks.peers import REFERENCE, Setting
from benchmarks.peers.rival import Rival, least_squares, train_weights

CYCLE_WEIGHT = 10.0
IDENTITY_WEIGHT = 0.5  # A part of the cycle's.
RATE = 2e-4


def resnet_generator(filters: int = 64, blocks: int = 9) -> nn.Sequential:
    """c7s1-64, d128, d256, residual blocks, u128, u64, c7s1-3 (Zhu et al. 2017, appendix 7.2).

    Args:
        filters: Channels at full resolution.
        blocks: Residual blocks.
    """
    layers = [nn.ReflectionPad2d(3), *normalized(nn.Conv2d(3, filters, 7))]
    for channels in (filters, filters * 2):
        layers += normalized(nn.Conv2d(channels, channels * 2, 3, stride=2, padding=1))
    layers += [ResidualBlock(filters * 4) for _ in range(blocks)]
    for channels in (filters * 4, filters * 2):
        layers += normalized(
            nn.ConvTranspose2d(channels, channels // 2, 3, stride=2, padding=1, output_padding=1)
        )
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(filters, 3, 7), nn.Tanh())


def patch_discriminator(filters: int = 64) -> nn.Sequential:
    """C64-C128-C256-C512 and one logit a patch of 70x70 pixels (Isola et al. 2017, 6.1.2)."""
    layers: list[nn.Module] = [nn.Conv2d(3, filters, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    for factor, stride in ((2, 2), (4, 2), (8, 1)):
        layers += [
            nn.Conv2d(filters * factor // 2, filters * factor, 4, stride=stride, padding=1),
            nn.InstanceNorm2d(filters * factor),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers, nn.Conv2d(filters * 8, 1, 4, padding=1))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut; nothing follows the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            *normalized(nn.Conv2d(channels, channels, 3)),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv_block(x)


class History:
    """Up to `size` earlier pictures; half of the time one of them comes back for a new one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.draws = random.Random(size)
        self.pictures: list[torch.Tensor] = []

    def exchange(self, images: torch.Tensor) -> torch.Tensor:
        shown = []
        for image in images.detach().split(1):
            if len(self.pictures) < self.size:
                self.pictures.append(image)
            elif self.draws.random() < 0.5:
                slot = self.draws.randrange(self.size)
                self.pictures[slot], image = image, self.pictures[slot]
            shown.append(image)
        return torch.cat(shown)


class CycleGan(Rival):
    """Two generators, two discriminators, two optimizers, and the step.

    Args:
        setting: How PyTorch computes.
        filters: Channels of the generators' first convolution.
        blocks: Residual blocks of the generators.
        discriminator_filters: Channels of the discriminators' first convolution.
        pool: Size of each discriminator's history.
    """

    def __init__(
        self,
        setting: Setting = REFERENCE,
        filters: int = 64,
        blocks: int = 9,
        discriminator_filters: int = 64,
        pool: int = 50,
    ) -> None:
        super().__init__(setting)
        self.there, self.back = (resnet_generator(filters, blocks) for _ in range(2))
        self.judge_style, self.judge_content = (
            patch_discriminator(discriminator_filters) for _ in range(2)
        )
        self.networks = {
            "generator": self.there,
            "back": self.back,
            "judge_style": self.judge_style,
            "judge_content": self.judge_content,
        }
        for network in self.networks.values():
            setting.place(network).apply(_initialize)
        self.style_history, self.content_history = History(pool), History(pool)
        generators = [*self.there.parameters(), *self.back.parameters()]
        judges = [*self.judge_style.parameters(), *self.judge_content.parameters()]
        self.generator_adam, self.judge_adam = self.adam(generators, RATE), self.adam(judges, RATE)
        self.optimizers = {"generator_adam": self.generator_adam, "judge_adam": self.judge_adam}

    def step(self, content: torch.Tensor, style: torch.Tensor) -> dict[str, float]:
        self._train_judges(False)
        self.generator_adam.zero_grad()
        with self.setting.autocast():
            stylized, restored = self.there(content), self.back(style)
            loss = self._generator_loss(content, style, stylized, restored)
        loss.backward()
        self.generator_adam.step()

        self._train_judges(True)
        self.judge_adam.zero_grad()
        losses = {"generators": float(loss.detach())}
        for name, judge, real, history, fake in (
            ("judge_style", self.judge_style, style, self.style_history, stylized),
            ("judge_content", self.judge_content, content, self.content_history, restored),
        ):
            with self.setting.autocast():
                shown = history.exchange(fake)
                loss = 0.5 * (least_squares(judge(real), 1.0) + least_squares(judge(shown), 0.0))
            loss.backward()
            losses[name] = float(loss.detach())
        self.judge_adam.step()
        return losses

    def state(self) -> dict[str, Any]:
        histories = {
            name: {"pictures": history.pictures, "draws": list(history.draws.getstate()[1])}
            for name, history in self._histories().items()
        }
        return {**super().state(), **histories}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        for name, history in self._histories().items():
            history.pictures = list(state[name]["pictures"])
            version, _, gauss = history.draws.getstate()
            history.draws.setstate((version, tuple(state[name]["draws"]), gauss))

    def _histories(self) -> dict[str, History]:
        return {"style_history": self.style_history, "content_history": self.content_history}

    def _train_judges(self, trained: bool) -> None:
        for judge in (self.judge_style, self.judge_content):
            train_weights(judge, trained)

    def _generator_loss(
        self,
        content: torch.Tensor,
        style: torch.Tensor,
        stylized: torch.Tensor,
        restored: torch.Tensor,
    ) -> torch.Tensor:
        adversarial = least_squares(self.judge_style(stylized), 1.0) + least_squares(
            self.judge_content(restored), 1.0
        )
        cycle = _distance(self.back(stylized), content) + _distance(self.there(restored), style)
        identity = _distance(self.there(style), style) + _distance(self.back(content), content)
        return adversarial + CYCLE_WEIGHT * (cycle + IDENTITY_WEIGHT * identity)


def parameters(network: nn.Module) -> int:
    """The number of trainable values."""
    return sum(weight.numel() for weight in itertools.chain(network.parameters()))


def normalized(convolution: nn.Module) -> list[nn.Module]:
    """A convolution with what follows it: instance normalization and ReLU."""
    channels: Any = convolution.out_channels
    return [convolution, nn.InstanceNorm2d(channels), nn.ReLU()]


def _initialize(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
        nn.init.zeros_(module.bias)


def _distance(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return nn.functional.l1_loss(left.float(), right)
