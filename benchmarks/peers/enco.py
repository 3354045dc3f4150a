"""EnCo (Cai et al. 2024): the content is tied inside one pass, from encoder to decoder.

Numbers that the paper leaves open are those of its published command and defaults.
"""

import torch
from torch import nn

from benchmarks.peers import REFERENCE, Setting
from benchmarks.peers.antialiased import Discriminator, Generator
from benchmarks.peers.cut import judge_step, patches_of
from benchmarks.peers.rival import Rival, least_squares, train_weights, xavier

STAGES = ((3, 28), (7, 24), (13, 18))
"""Layers of the encoder and the decoder of one size: full, half, quarter."""
PATCHES, WIDTH = 256, 256
CONTENT_WEIGHT, IDENTITY_WEIGHT = 2.0, 10.0
RATE, JUDGE_RATE = 5e-5, 2e-4
_CANDIDATES, _RANDOM = 4, 0.5  # Times the patches; the share that attention does not choose.


class EnCo(Rival):
    """CUT's networks, a projection and a predictor a stage, and the step.

    The generator minimises `adversarial + (2 * content + 10 * identity) / 2`, and
    `adversarial + 2 * content` in the second half of the time, in which the published recipe has
    no identity.

    Args:
        setting: How PyTorch computes.
        filters: Channels of the generator's first convolution.
        blocks: Residual blocks of the generator; 9, unless `stages` says other layers.
        discriminator_filters: Channels of the discriminator's first convolution.
        stages: See STAGES.
    """

    def __init__(
        self,
        setting: Setting = REFERENCE,
        filters: int = 64,
        blocks: int = 9,
        discriminator_filters: int = 64,
        stages: tuple[tuple[int, int], ...] = STAGES,
    ) -> None:
        super().__init__(setting)
        self.stages = stages
        self.generator = Generator(filters, blocks)
        self.judge = Discriminator(discriminator_filters)
        channels = [filters * factor for factor in (1, 2, 4)]
        self.heads = nn.ModuleList(Head(count) for count in channels)
        self.networks = {"generator": self.generator, "judge": self.judge, "heads": self.heads}
        for network in self.networks.values():
            network.apply(xavier)
        for network in (self.generator, self.judge):
            setting.place(network)
        self.optimizers = {
            f"{name}_adam": self.adam(
                list(network.parameters()), JUDGE_RATE if name == "judge" else RATE
            )
            for name, network in self.networks.items()
        }

    def step(self, content: torch.Tensor, style: torch.Tensor) -> dict[str, float]:
        with_identity = self.progress <= 0.5
        layers = [layer for stage in self.stages for layer in stage]
        given = torch.cat([content, style]) if with_identity else content
        with self.setting.autocast():
            painted, maps = self.generator.with_features(given, layers)
        found = dict(zip(sorted(layers), (part[: len(content)] for part in maps), strict=True))
        stylized = painted[: len(content)]
        judged = judge_step(self, self.judge, style, stylized)

        train_weights(self.judge, False)
        self.optimizers["generator_adam"].zero_grad()
        self.optimizers["heads_adam"].zero_grad()
        with self.setting.autocast():
            logits = self.judge(stylized)
            adversarial = least_squares(logits, 1.0)
            kept = self.content(found, logits.detach().float())
        loss = adversarial + CONTENT_WEIGHT * kept
        if with_identity:
            same = nn.functional.l1_loss(painted[len(content) :].float(), style)
            loss = adversarial + 0.5 * (CONTENT_WEIGHT * kept + IDENTITY_WEIGHT * same)
        loss.backward()
        self.optimizers["generator_adam"].step()
        self.optimizers["heads_adam"].step()
        told = {"adversarial": adversarial, "content": kept}
        return {"judge": judged, **{name: float(term.detach()) for name, term in told.items()}}

    def content(self, maps: dict[int, torch.Tensor], logits: torch.Tensor) -> torch.Tensor:
        """`|prediction - projection|^2` of unit vectors, the mean over places and stages."""
        terms = []
        for (before, after), head in zip(self.stages, self.heads, strict=True):
            had, told = maps[before].detach(), maps[after]
            attention = nn.functional.interpolate(
                logits, size=told.shape[2:], mode="bilinear", align_corners=False
            )
            # Places of each picture, as its own attention says.
            for place in range(len(told)):
                at = attended_places(attention[place].flatten(), PATCHES)
                here = slice(place, place + 1)
                told_patches, had_patches = (
                    patches_of(part[here], at).flatten(0, 1) for part in (told, had)
                )
                terms.append(unit_distance(head.predict(told_patches), head.project(had_patches)))
        return torch.stack(terms).mean()


class Head(nn.Module):
    """A projection that both sides pass, and the decoder's own predictor (figure 1, b and c)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.projection = nn.Sequential(
            *_hidden(channels, WIDTH),
            nn.Linear(WIDTH, WIDTH, bias=False),
            nn.BatchNorm1d(WIDTH, affine=False),
        )
        self.predictor = nn.Sequential(*_hidden(WIDTH, WIDTH // 2), nn.Linear(WIDTH // 2, WIDTH))

    def project(self, had: torch.Tensor) -> torch.Tensor:
        """Of the encoder's patches `[places, channels]`; no gradient comes through."""
        with torch.no_grad():
            return self.projection(had)

    def predict(self, told: torch.Tensor) -> torch.Tensor:
        """Of the decoder's patches."""
        return self.predictor(self.projection(told))


def _hidden(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]


def attended_places(attention: torch.Tensor, count: int) -> torch.Tensor:
    """Discriminative attention-guided (DAG) sampling.

    Of four times as many random places those that the discriminator takes least for real are half
    of the result; the other half is drawn from all places.

    Args:
        attention: `[places]`, the discriminator's logits.
        count: How many; all, where there are fewer.

    Returns:
        Indices, `[min(count, places)]`; one may come twice.
    """
    total = len(attention)
    count = min(count, total)
    candidates = torch.randperm(total)[: count * _CANDIDATES]
    drawn = int(count * _RANDOM)
    least_real = attention[candidates].argsort()[: count - drawn]
    return torch.cat([candidates[least_real], torch.randperm(total)[:drawn]])


def unit_distance(told: torch.Tensor, had: torch.Tensor) -> torch.Tensor:
    """The squared distance of vectors of unit length, `2 - 2 cos`, the mean."""
    cosine = nn.functional.cosine_similarity(told.float(), had.float(), dim=-1)
    return 2.0 - 2.0 * cosine.mean()
