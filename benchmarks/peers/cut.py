"""CUT (Park et al. 2020): each patch of the output finds its own patch of the input."""

import torch
from torch import nn

from benchmarks.peers import REFERENCE, Setting
from benchmarks.peers.antialiased import Discriminator, Generator
from benchmarks.peers.rival import Rival, least_squares, train_weights, xavier

LAYERS = (0, 4, 8, 12, 16)
"""The padded picture, both halving convolutions, the first and the fifth residual block."""
PATCHES, WIDTH, TEMPERATURE = 256, 256, 0.07
RATE = 2e-4


class Cut(Rival):
    """One generator, one discriminator, a perceptron a layer, and the step.

    In the order of the published code: the pictures and the style images pass the generator
    together; then the discriminator's update; then the generator's and the perceptrons'. PatchNCE
    and the identity's PatchNCE count half each, times 1.

    Args:
        setting: How PyTorch computes.
        filters: Channels of the generator's first convolution.
        blocks: Residual blocks of the generator.
        discriminator_filters: Channels of the discriminator's first convolution.
    """

    def __init__(
        self,
        setting: Setting = REFERENCE,
        filters: int = 64,
        blocks: int = 9,
        discriminator_filters: int = 64,
    ) -> None:
        super().__init__(setting)
        self.generator = Generator(filters, blocks)
        self.judge = Discriminator(discriminator_filters)
        # Channels of LAYERS' maps.
        channels = (3, filters * 2, filters * 4, filters * 4, filters * 4)
        self.projections = nn.ModuleList(projection(count) for count in channels)
        self.networks = {
            "generator": self.generator,
            "judge": self.judge,
            "projections": self.projections,
        }
        for network in self.networks.values():
            network.apply(xavier)
        for network in (self.generator, self.judge):
            setting.place(network)
        self.optimizers = {
            f"{name}_adam": self.adam(list(network.parameters()), RATE)
            for name, network in self.networks.items()
        }

    def step(self, content: torch.Tensor, style: torch.Tensor) -> dict[str, float]:
        with self.setting.autocast():
            painted = self.generator(torch.cat([content, style]))
            stylized, identity = painted.split([len(content), len(style)])
        judged = judge_step(self, self.judge, style, stylized)

        train_weights(self.judge, False)
        self.optimizers["generator_adam"].zero_grad()
        self.optimizers["projections_adam"].zero_grad()
        with self.setting.autocast():
            adversarial = least_squares(self.judge(stylized), 1.0)
            kept, same = self.nce(content, stylized), self.nce(style, identity)
        loss = adversarial + 0.5 * (kept + same)
        loss.backward()
        self.optimizers["generator_adam"].step()
        self.optimizers["projections_adam"].step()
        terms = {"adversarial": adversarial, "nce": kept, "identity_nce": same}
        return {"judge": judged, **{name: float(term.detach()) for name, term in terms.items()}}

    def nce(self, source: torch.Tensor, painted: torch.Tensor) -> torch.Tensor:
        """PatchNCE of pictures and what was painted of them, the mean over LAYERS.

        The source's side gets no gradient, so it is computed without.
        """
        places: list[torch.Tensor] = []
        with torch.no_grad():
            keys = []
            for maps, project in zip(
                self.generator.features(source, LAYERS), self.projections, strict=True
            ):
                places.append(torch.randperm(maps.shape[2] * maps.shape[3])[:PATCHES])
                keys.append(project(patches_of(maps, places[-1])))
        terms = [
            patch_nce(project(patches_of(maps, at)), key)
            for maps, project, at, key in zip(
                self.generator.features(painted, LAYERS),
                self.projections,
                places,
                keys,
                strict=True,
            )
        ]
        return torch.stack(terms).mean()


def judge_step(
    rival: Rival, judge: nn.Module, style: torch.Tensor, stylized: torch.Tensor
) -> float:
    """The discriminator's update, half of the loss of each side; returns the loss."""
    train_weights(judge, True)
    adam = rival.optimizers["judge_adam"]
    adam.zero_grad()
    with rival.setting.autocast():
        real = least_squares(judge(style), 1.0)
        loss = 0.5 * (real + least_squares(judge(stylized.detach()), 0.0))
    loss.backward()
    adam.step()
    return float(loss.detach())


def projection(channels: int) -> nn.Module:
    """Two layers to vectors of unit length (Park et al. 2020, section 3)."""
    return nn.Sequential(nn.Linear(channels, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), Unit())


class Unit(nn.Module):
    """Vectors divided by their lengths, in float32."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(x.float(), dim=-1)


def patches_of(maps: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The vectors at some places of maps `[n, channels, h, w]`: `[n, places, channels]`."""
    return maps.flatten(2)[:, :, places].transpose(1, 2)


def patch_nce(
    queries: torch.Tensor, keys: torch.Tensor, temperature: float = TEMPERATURE
) -> torch.Tensor:
    """Cross entropy of finding the own key among those of one picture, the mean (section 3).

    Args:
        queries: `[n, places, width]` of unit length.
        keys: The same.
        temperature: Divides the cosines.
    """
    logits = queries @ keys.transpose(1, 2) / temperature
    own = torch.arange(logits.shape[1]).expand(len(logits), -1)
    return nn.functional.cross_entropy(logits.flatten(0, 1), own.flatten())
