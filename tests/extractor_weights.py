"""Weights files of random numbers in the formats that the extractors read."""

from pathlib import Path

import h5py
import numpy as np

FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
VGG19 = {"conv1_1": (3, 64), "conv1_2": (64, 64), "conv2_1": (64, 128), "conv2_2": (128, 128)}
VGG19 |= {"conv3_1": (128, 256)}
VGG16 = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256)}
VGG16 |= {14: (256, 256), 17: (256, 512), **dict.fromkeys((19, 21, 24, 26, 28), (512, 512))}


def squeezenet_layers() -> dict[str, tuple[int, int, int]]:
    """Size, channels in and out of each convolution, named as in the HDF5 file."""
    layers, channels = {"conv1": (3, 3, 64)}, 64
    for number, (squeeze, expand) in enumerate(FIRES, start=2):
        layers[f"fire{number}/squeeze1x1"] = (1, channels, squeeze)
        layers[f"fire{number}/expand1x1"] = (1, squeeze, expand)
        layers[f"fire{number}/expand3x3"] = (3, squeeze, expand)
        channels = 2 * expand
    return layers


def draw(rng: np.random.Generator, size: int, inputs: int, outputs: int) -> list[np.ndarray]:
    """A kernel in HWIO that keeps the maps' scale, and a bias."""
    kernel = rng.normal(0, np.sqrt(2 / (size * size * inputs)), (size, size, inputs, outputs))
    return [kernel.astype(np.float32), rng.normal(0, 0.1, outputs).astype(np.float32)]


def write_squeezenet(path: Path, seed: int = 0) -> dict[str, list[np.ndarray]]:
    """The Keras conversion's HDF5 layout; returns the weights by layer."""
    rng = np.random.default_rng(seed)
    weights = {name: draw(rng, *shape) for name, shape in squeezenet_layers().items()}
    weights["conv1"][0] /= 64  # Pixels are in 0..255.
    with h5py.File(path, "w") as file:
        for count, (name, (kernel, bias)) in enumerate(weights.items(), start=1):
            file[f"{name}/uniform{count}"] = kernel
            file[f"{name}/{name}_b"] = bias
    return weights


def write_vgg19(path: Path, seed: int = 0) -> dict[str, list[np.ndarray]]:
    """The `.npz` layout of the network with normalised activations."""
    rng = np.random.default_rng(seed)
    weights = {name: draw(rng, 3, *shape) for name, shape in VGG19.items()}
    weights["conv1_1"][0] /= 64
    swap = np.zeros((1, 1, 3, 3), np.float32)
    swap[0, 0, [0, 1, 2], [2, 1, 0]] = 255
    weights["preprocess"] = [swap, np.array([-103.939, -116.779, -123.68], np.float32)]
    arrays = {}
    for name, (kernel, bias) in weights.items():
        arrays |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
    np.savez(path, **arrays)
    return weights


def write_torchvision_squeezenet(path: Path, seed: int = 0) -> None:
    """torchvision's state dict as `.npz`: kernels in OIHW."""
    rng = np.random.default_rng(seed)
    numbers = dict(zip(range(2, 10), (3, 4, 6, 7, 9, 10, 11, 12), strict=True))
    arrays = {}
    for name, shape in squeezenet_layers().items():
        fire, _, part = name.partition("/")
        place = f"{numbers[int(fire[4:])]}.{part.replace('squeeze1x1', 'squeeze')}" if part else "0"
        kernel, bias = draw(rng, *shape)
        arrays[f"features.{place}.weight"] = kernel.transpose(3, 2, 0, 1)
        arrays[f"features.{place}.bias"] = bias
    np.savez(path, **arrays)


def write_torchvision_vgg16(path: Path, seed: int = 0) -> None:
    """torchvision's state dict as `.npz`: kernels in OIHW."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for number, shape in VGG16.items():
        kernel, bias = draw(rng, 3, *shape)
        arrays[f"features.{number}.weight"] = kernel.transpose(3, 2, 0, 1)
        arrays[f"features.{number}.bias"] = bias
    np.savez(path, **arrays)
