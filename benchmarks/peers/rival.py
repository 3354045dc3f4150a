"""What every rival is to the training loop: networks, optimizers, and how far the time has gone."""

from typing import Any

import torch
from torch import nn

from benchmarks.peers import REFERENCE, Setting


class Rival:
    """A recipe of unpaired training; subclasses fill the two dictionaries and write `step`.

    Args:
        setting: How PyTorch computes.

    Attributes:
        networks: By name; `generator` is the one that paints.
        optimizers: Adam, by name.
        progress: The share of the training's time that is over, in [0, 1].
    """

    def __init__(self, setting: Setting = REFERENCE) -> None:
        self.setting = setting
        self.networks: dict[str, nn.Module] = {}
        self.optimizers: dict[str, torch.optim.Adam] = {}
        self.progress = 0.0

    def adam(self, weights: list[nn.Parameter], rate: float) -> torch.optim.Adam:
        """Adam with the betas that CycleGAN, CUT and EnCo share.

        The fused kernel makes one pass over the weights; the published code does without.
        """
        fused = self.setting != REFERENCE
        adam = torch.optim.Adam(weights, lr=rate, betas=(0.5, 0.999), fused=fused)
        for group in adam.param_groups:
            group["rate"] = rate
        return adam

    def step(self, content: torch.Tensor, style: torch.Tensor) -> dict[str, float]:
        """One step of all networks.

        Args:
            content: `[batch, 3, height, width]` in [-1, 1].
            style: The same.

        Returns:
            Losses by name.
        """
        raise NotImplementedError

    def advance(self, progress: float, linear: bool = True) -> None:
        """Say how much of the time is over, and set the learning rates by it.

        Args:
            progress: In [0, 1].
            linear: Constant for the first half and then down to zero in a line, as the published
                recipes do over their epochs (100 + 100, CUT 200 + 200); else constant.
        """
        self.progress = progress
        share = min(1.0, 2.0 * (1.0 - progress)) if linear else 1.0
        for adam in self.optimizers.values():
            for group in adam.param_groups:
                group["lr"] = group["rate"] * share

    def paint(self, images: torch.Tensor) -> torch.Tensor:
        """Stylize `[batch, 3, height, width]` of any size from 4 on in [-1, 1]; float32."""
        height, width = images.shape[2:]
        # The generators halve twice and double twice: other sizes would come out larger.
        whole = torch.nn.functional.pad(images, (0, -width % 4, 0, -height % 4), mode="reflect")
        with torch.inference_mode(), self.setting.autocast():
            painted = self.networks["generator"](self.setting.place(whole)).float()
        return painted[:, :, :height, :width]

    def state(self) -> dict[str, Any]:
        """Everything that the next step hangs on, but for PyTorch's own random numbers."""
        parts = {**self.networks, **self.optimizers}
        return {name: part.state_dict() for name, part in parts.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take what `state` gave."""
        for name, part in {**self.networks, **self.optimizers}.items():
            part.load_state_dict(state[name])


def least_squares(logits: torch.Tensor, wanted: float) -> torch.Tensor:
    """The mean of `(logits - wanted)^2` (Mao et al. 2017), in float32."""
    return nn.functional.mse_loss(logits.float(), torch.full_like(logits, wanted).float())


def xavier(module: nn.Module) -> None:
    """Weights from N(0, (0.02 * Xavier's deviation)^2), biases zero: CUT's default."""
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_normal_(module.weight, gain=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def train_weights(network: nn.Module, trained: bool) -> None:
    """Whether backward passes reach the network's weights."""
    for weight in network.parameters():
        weight.requires_grad_(trained)
