"""What the official networks are made of: tensors in a state dict, and weights of a layer of ours.

A part is one module of PyTorch. It knows the names and shapes of its tensors, and turns them into
the weights of our layer, in that layer's order.
"""

import dataclasses

import numpy as np

State = dict[str, np.ndarray]
Shape = tuple[int, ...]

STATISTICS = ("running", "batch")


@dataclasses.dataclass(frozen=True)
class Part:
    """A module by its name in the state dict.

    Attributes:
        shapes: The tensors that must be there.
        ignored: Names of tensors that may be there and carry nothing.
    """

    name: str

    @property
    def shapes(self) -> dict[str, Shape]:
        return {}

    @property
    def ignored(self) -> tuple[str, ...]:
        return ()

    def weights(self, state: State) -> list[np.ndarray]:
        """Our layer's weights; none where we have no layer with weights for the module.

        Raises:
            ValueError: When the tensors hold what our layer cannot take.
        """
        del state
        return []


@dataclasses.dataclass(frozen=True)
class Convolution(Part):
    """Conv2d, kernel `[outputs, inputs, side, side]`, or ConvTranspose2d, the first two swapped.

    Attributes:
        inputs: Channels.
        outputs: Channels.
        side: Of the kernel.
        bias: Whether the module has one.
        zero_bias: Whether our layer has one where the module has none.
        transposed: Which of the two.
    """

    inputs: int
    outputs: int
    side: int
    bias: bool = True
    zero_bias: bool = False
    transposed: bool = False

    @property
    def shapes(self) -> dict[str, Shape]:
        channels = (self.outputs, self.inputs)
        kernel = (*(channels[::-1] if self.transposed else channels), self.side, self.side)
        bias = {f"{self.name}.bias": (self.outputs,)} if self.bias else {}
        return {f"{self.name}.weight": kernel, **bias}

    def weights(self, state: State) -> list[np.ndarray]:
        # Keras wants height, width, inputs, outputs; transposed: height, width, outputs, inputs.
        kernel = state[f"{self.name}.weight"].transpose(2, 3, 1, 0)
        if self.bias:
            return [kernel, state[f"{self.name}.bias"]]
        return [kernel, np.zeros(self.outputs, np.float32)] if self.zero_bias else [kernel]


@dataclasses.dataclass(frozen=True)
class BatchNorm(Part):
    """BatchNorm2d.

    Attributes:
        channels: Of the map.
        statistics: `running` takes the averages over the training; `batch` leaves them, for a
            layer that measures each picture.
    """

    channels: int
    statistics: str = "running"

    @property
    def shapes(self) -> dict[str, Shape]:
        names = ("weight", "bias", "running_mean", "running_var")
        return {f"{self.name}.{name}": (self.channels,) for name in names}

    @property
    def ignored(self) -> tuple[str, ...]:
        return (f"{self.name}.num_batches_tracked",)  # PyTorch before 0.4.1 did not count.

    def weights(self, state: State) -> list[np.ndarray]:
        values = [state[name] for name in self.shapes]
        if self.statistics == "batch":
            return values[:2]
        if (values[3] < 0).any():
            raise ValueError(f"{self.name}.running_var has negative values")
        return values


@dataclasses.dataclass(frozen=True)
class InstanceNorm(Part):
    """InstanceNorm2d without affine parameters.

    PyTorch before 0.4 saved running statistics of it, which the official code drops as well.
    """

    @property
    def ignored(self) -> tuple[str, ...]:
        names = ("running_mean", "running_var", "num_batches_tracked")
        return tuple(f"{self.name}.{name}" for name in names)


@dataclasses.dataclass(frozen=True)
class Blur(Part):
    """A fixed filter of CUT's anti-aliased resampling, the same for every channel.

    Attributes:
        channels: Of the map.
        window: One side of the filter, which is its outer product with itself.
        gain: What the filter sums to.
    """

    channels: int
    window: tuple[int, ...]
    gain: float

    @property
    def shapes(self) -> dict[str, Shape]:
        return {f"{self.name}.filt": (self.channels, 1, len(self.window), len(self.window))}

    def weights(self, state: State) -> list[np.ndarray]:
        square = np.outer(self.window, self.window).astype(np.float64)
        square *= self.gain / square.sum()
        if not np.allclose(state[f"{self.name}.filt"], square, rtol=0, atol=1e-6):
            raise ValueError(
                f"{self.name}.filt is not the {list(self.window)} filter of CUT's default"
            )
        return []
