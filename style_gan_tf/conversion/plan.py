"""From a state dict to a network: everything is checked before anything is built."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.conversion.official import NETWORKS, Layout
from style_gan_tf.conversion.parts import STATISTICS, Shape, State
from style_gan_tf.errors import UsageError, UserError

if TYPE_CHECKING:
    from style_gan_tf.networks import Network


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to build, and its weights.

    Attributes:
        role: "generator" or "discriminator".
        architecture: A name in our registry of that role.
        options: Of its builder.
        weights: For each layer that has any, in the order that pictures pass them.
    """

    role: str
    architecture: str
    options: dict[str, Any]
    weights: list[list[np.ndarray]]


def plan_network(
    state: State,
    network: str,
    *,
    antialias: bool = False,
    norm_statistics: str = "running",
    source: str = "checkpoint",
) -> Plan:
    """Read an official network's state dict; without TensorFlow.

    The width, the normalization and whether there is dropout are read from the tensors.

    Args:
        state: See `read_state_dict`.
        network: A name in NETWORKS, as the official code's `--netG` and `--netD` have it; `basic`
            is the 70x70 PatchGAN.
        antialias: CUT's resampling by blurs, both ways.
        norm_statistics: For networks with batch normalization: `running` normalizes by the
            averages of the training (the official `--eval`), `batch` each picture by itself
            (what the official test does without it). Others have no running statistics.
        source: Named in messages.

    Raises:
        UsageError: For an unknown network or kind of statistics.
        UserError: When tensors are missing, left over, or of another shape or type.
    """
    if network not in NETWORKS:
        raise UsageError(f"--network={network}: choose one of {', '.join(NETWORKS)}")
    if norm_statistics not in STATISTICS:
        raise UsageError(
            f"--norm_statistics={norm_statistics}: choose one of {', '.join(STATISTICS)}"
        )
    layout = NETWORKS[network](state, norm_statistics, antialias)
    if not _fits(state, layout):
        raise UserError(f"{source}: {_misfit(state, layout)}; {_mend(state, network, antialias)}")
    _check_tensors(state, layout, source)
    try:
        found = [part.weights(state) for part in layout.parts]
    except ValueError as error:
        raise UserError(f"{source}: {error}; no layer of ours does the same") from None
    weights = [values for values in found if values]
    return Plan(layout.role, layout.architecture, layout.options, weights)


def build_planned(plan: Plan, dtype: str = "float32") -> "Network":
    """Build the network and give it its weights; loads TensorFlow.

    Args:
        plan: Of `plan_network`.
        dtype: Dtype policy.
    """
    from style_gan_tf.networks import build_discriminator, build_generator

    build = build_generator if plan.role == "generator" else build_discriminator
    network = build(plan.architecture, dtype=dtype, **plan.options)
    # Layers with weights form a chain, so that Keras lists them in their order.
    layers = [layer for layer in network.layers if layer.weights]
    for layer, values in zip(layers, plan.weights, strict=True):
        layer.set_weights(values)
    return network


def _shapes(layout: Layout) -> dict[str, Shape]:
    return {name: shape for part in layout.parts for name, shape in part.shapes.items()}


def _left_over(state: State, layout: Layout) -> list[str]:
    known = {name for part in layout.parts for name in (*part.shapes, *part.ignored)}
    return [name for name in state if name not in known]


def _missing(state: State, layout: Layout) -> list[str]:
    return [name for name in _shapes(layout) if name not in state]


def _fits(state: State, layout: Layout) -> bool:
    return not _missing(state, layout) and not _left_over(state, layout)


def _misfit(state: State, layout: Layout) -> str:
    missing, left_over = _missing(state, layout), _left_over(state, layout)
    told = [f"lacks {_first(missing)}"] if missing else []
    told += [f"has unexpected {_first(left_over)}"] if left_over else []
    return " and ".join(told)


def _first(names: list[str]) -> str:
    rest = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    # A name comes from the file, and may be anything.
    return f"{names[0][:100]!r}{rest}"


def _mend(state: State, network: str, antialias: bool) -> str:
    """Which flags would fit the tensors."""
    if all(name.startswith("module.") for name in state):
        return "it was saved from nn.DataParallel: save network.module.state_dict() instead"
    for name, layout in NETWORKS.items():
        for blurs in (False, True):
            if _fits(state, layout(state, "running", blurs)):
                if layout(state, "running", blurs).role == "discriminator":
                    return f"it is a discriminator ({name}): name a generator's, latest_net_G.pth"
                flag = " --antialias" if blurs else (" --noantialias" if antialias else "")
                return f"its tensors are those of --network={name}{flag}"
    return f"not a {network} of CycleGAN, pix2pix or CUT as their code saves it"


def _check_tensors(state: State, layout: Layout, source: str) -> None:
    for name, shape in _shapes(layout).items():
        found = state[name]
        if found.shape != shape:
            raise UserError(
                f"{source}: {name} has shape {list(found.shape)} where {list(shape)} belongs; "
                "converted are the official sizes, from three colours to three"
            )
        if found.dtype.kind != "f":
            raise UserError(f"{source}: {name} holds {found.dtype} where floats belong")
