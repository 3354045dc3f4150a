"""PyTorch's modules in NumPy: named tensors like its own, and what they compute, `[n, c, h, w]`.

The official networks are written in them as the papers' authors did, so that names and numbers
come from the order of the modules and not from the code under test.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

State = dict[str, np.ndarray]


class Module:
    """Has tensors by name, and children by name."""

    def __init__(self) -> None:
        self.tensors: State = {}
        self.children: dict[str, Module] = {}

    def state_dict(self, prefix: str = "") -> State:
        found = {prefix + name: value for name, value in self.tensors.items()}
        for name, child in self.children.items():
            found |= child.state_dict(f"{prefix}{name}.")
        return found

    def load(self, state: State, prefix: str = "") -> None:
        self.tensors = {name: state[prefix + name] for name in self.tensors}
        for name, child in self.children.items():
            child.load(state, f"{prefix}{name}.")


class Holder(Module):
    """Has a module in an attribute, and may join its output to its input."""

    def __init__(self, attribute: str, module: Module, join=lambda x, y: y) -> None:
        super().__init__()
        self.children = {attribute: module}
        self.join = join

    def __call__(self, x: np.ndarray) -> np.ndarray:
        (module,) = self.children.values()
        return self.join(x, module(x))


class Sequential(Module):
    def __init__(self, *modules: Module) -> None:
        super().__init__()
        self.children = {str(number): module for number, module in enumerate(modules)}

    def __call__(self, x: np.ndarray) -> np.ndarray:
        for module in self.children.values():
            x = module(x)
        return x


class Plain(Module):
    """A function without tensors: an activation, a padding, dropout that is off."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.function(x)


_RNG = np.random.default_rng(0)


def draw(*shape: int) -> np.ndarray:
    return _RNG.normal(0, 0.3, shape).astype(np.float32)


def kernel(first: int, second: int, side: int, fan_in: float) -> np.ndarray:
    """Keeps the scale of maps, so that no tanh is flat."""
    return draw(first, second, side, side) / np.float32(0.3 * fan_in**0.5)


def relu() -> Plain:
    return Plain(lambda x: np.maximum(x, 0))


def leaky_relu() -> Plain:
    return Plain(lambda x: np.where(x > 0, x, 0.2 * x))


def dropout() -> Plain:
    return Plain(lambda x: x)


def pad(count: int, mode: str = "reflect") -> Plain:
    return Plain(lambda x: np.pad(x, [(0, 0), (0, 0), (count, count), (count, count)], mode))


class Conv2d(Module):
    def __init__(self, inputs, outputs, side, stride=1, padding=0, bias=True) -> None:
        super().__init__()
        self.stride, self.padding = stride, padding
        self.tensors["weight"] = kernel(outputs, inputs, side, fan_in=inputs * side**2)
        if bias:
            self.tensors["bias"] = draw(outputs)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        weight = self.tensors["weight"]
        x = pad(self.padding, "constant")(x)
        windows = sliding_window_view(x, weight.shape[2:], axis=(2, 3))
        windows = windows[:, :, :: self.stride, :: self.stride]
        y = np.tensordot(windows, weight, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        return y + self.tensors.get("bias", np.zeros(len(weight)))[:, None, None]


class ConvTranspose2d(Module):
    def __init__(self, inputs, outputs, side, padding, output_padding=0, bias=True) -> None:
        super().__init__()
        self.padding, self.output_padding = padding, output_padding
        self.tensors["weight"] = kernel(inputs, outputs, side, fan_in=inputs * side**2 / 4)
        if bias:
            self.tensors["bias"] = draw(outputs)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        weight = self.tensors["weight"]
        outputs, side = weight.shape[1:3]
        height, width = (2 * (n - 1) + side + self.output_padding for n in x.shape[2:])
        full = np.zeros((len(x), outputs, height, width))
        for i, j in np.ndindex(side, side):
            rows = slice(i, i + 2 * x.shape[2] - 1, 2)
            columns = slice(j, j + 2 * x.shape[3] - 1, 2)
            full[:, :, rows, columns] += np.einsum("nchw,co->nohw", x, weight[:, :, i, j])
        inside = slice(self.padding, -self.padding)
        bias = self.tensors.get("bias", np.zeros(outputs))
        return full[:, :, inside, inside] + bias[:, None, None]


class BatchNorm2d(Module):
    """In `eval` mode; `measured` normalizes by the batch at hand, as `train` does."""

    def __init__(self, channels: int, measured: bool = False) -> None:
        super().__init__()
        self.measured = measured
        self.tensors = {
            "weight": 1 + draw(channels),
            "bias": draw(channels),
            "running_mean": draw(channels),
            "running_var": 0.5 + draw(channels) ** 2,
            "num_batches_tracked": np.array(7),
        }

    def __call__(self, x: np.ndarray) -> np.ndarray:
        scale, offset, mean, variance = (
            value[:, None, None] for value in list(self.tensors.values())[:4]
        )
        if self.measured:
            mean = x.mean((0, 2, 3), keepdims=True)
            variance = x.var((0, 2, 3), keepdims=True)
        return scale * (x - mean) / np.sqrt(variance + 1e-5) + offset


class InstanceNorm2d(Plain):
    def __init__(self, channels: int) -> None:
        def normalize(x: np.ndarray) -> np.ndarray:
            mean, variance = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
            return (x - mean) / np.sqrt(variance + 1e-5)

        super().__init__(normalize)


class Downsample(Module):
    """A fixed [1, 2, 1] blur over the reflected map, at every second pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        square = np.outer([1, 2, 1], [1, 2, 1]) / 16
        self.tensors["filt"] = np.tile(square, (channels, 1, 1, 1)).astype(np.float32)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        windows = sliding_window_view(pad(1)(x), (3, 3), axis=(2, 3))[:, :, ::2, ::2]
        return np.einsum("nchwij,cij->nchw", windows, self.tensors["filt"][:, 0])


class Upsample(Module):
    """A transposed [1, 3, 3, 1] blur of gain 4 over replicated borders, cropped to twice."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        square = 4 * np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
        self.tensors["filt"] = np.tile(square, (channels, 1, 1, 1)).astype(np.float32)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        padded = pad(1, "edge")(x)
        full = np.zeros((*x.shape[:2], *(2 * n + 2 for n in padded.shape[2:])))
        for i, j in np.ndindex(4, 4):
            rows, columns = (
                slice(k, k + 2 * n - 1, 2) for k, n in zip((i, j), padded.shape[2:], strict=True)
            )
            full[:, :, rows, columns] += padded * self.tensors["filt"][:, 0, i, j, None, None]
        return full[:, :, 3:-3, 3:-3]
