"""Published weights of the feature networks to the float16 files inside the package.

    python -m style_gan_tf.conversion.feature_networks --from=downloads/ --to=weights/

reads from one folder

- `efficientnet_lite0_imagenet_features.npz`: the state dict of EfficientNet-Lite0 without its
  head, `/` in the names for `.`, convolutions in HWIO, depthwise ones in HWC1;
- `squeezenet1.1_imagenet_notop.h5`: Keras's conversion of the Caffe network;
- `vgg19_normalised_relu3_1.npz`: conv1_1 to conv3_1 with normalised activations;

and writes what `networks/extractors/weights/` holds: `LAYER/kernel` and `LAYER/bias` of every
convolution, float16, named as the layers of our networks.
"""

import argparse
from pathlib import Path

import h5py
import numpy as np

_EPSILON = 1e-3  # of EfficientNet's batch normalizations


def fold_efficientnet(source: Path) -> dict[str, np.ndarray]:
    """Kernels and biases of EfficientNet-Lite0, its batch normalizations folded into them."""
    weights = {}
    with np.load(source, allow_pickle=False) as file:

        def fold(ours: str, convolution: str, norm: str) -> None:
            kernel = file[f"{convolution}/weight"]
            gain = file[f"{norm}/weight"] / np.sqrt(file[f"{norm}/running_var"] + _EPSILON)
            # A depthwise kernel has its channels on the third axis.
            depthwise = kernel.shape[-1] == 1
            weights[f"{ours}/kernel"] = kernel * (gain[:, np.newaxis] if depthwise else gain)
            weights[f"{ours}/bias"] = file[f"{norm}/bias"] - gain * file[f"{norm}/running_mean"]

        fold("stem", "conv_stem", "bn0")
        blocks = {name.split("/")[1] for name in file.files if name.startswith("blocks/")}
        for number in sorted(blocks, key=int):
            theirs = f"blocks/{number}"
            if f"{theirs}/expand_conv/weight" in file.files:
                fold(f"block{number}-expand", f"{theirs}/expand_conv", f"{theirs}/bn0")
            fold(f"block{number}-depthwise", f"{theirs}/depthwise_conv", f"{theirs}/bn1")
            fold(f"block{number}-project", f"{theirs}/project_conv", f"{theirs}/bn2")
    return weights


def read_squeezenet(source: Path) -> dict[str, np.ndarray]:
    """Kernels and biases of Keras's HDF5 file: one group a layer, two datasets in it."""
    weights = {}

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            # `fire2/squeeze1x1/...`; the layer is repeated in some files' names.
            parts = name.split("/")
            layer = "-".join(parts[:2]) if parts[0].startswith("fire") else parts[0]
            weights[f"{layer}/{'kernel' if item.ndim == 4 else 'bias'}"] = np.asarray(item)

    with h5py.File(source) as file:
        file.visititems(visit)
    return weights


def read_arrays(source: Path) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file as they are."""
    with np.load(source, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


CONVERSIONS = {
    "efficientnet_lite0.npz": (fold_efficientnet, "efficientnet_lite0_imagenet_features.npz"),
    "squeezenet.npz": (read_squeezenet, "squeezenet1.1_imagenet_notop.h5"),
    "vgg19.npz": (read_arrays, "vgg19_normalised_relu3_1.npz"),
}


def convert(sources: Path, target: Path) -> list[Path]:
    """Write the package's weights files.

    Args:
        sources: The folder of the published files.
        target: The folder to write to; made where it is missing.

    Raises:
        ValueError: When a number does not fit into float16.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (read, source) in CONVERSIONS.items():
        halves = {}
        for key, values in read(sources / source).items():
            halves[key] = values.astype(np.float16)
            if not np.isfinite(halves[key]).all():
                raise ValueError(f"{source}: {key} does not fit into float16")
        np.savez_compressed(target / name, **halves)  # type: ignore[arg-type]
        written.append(target / name)
    return written


def main() -> None:
    """Convert by the command line's folders."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="sources", type=Path, required=True)
    parser.add_argument("--to", dest="target", type=Path, required=True)
    arguments = parser.parse_args()
    for path in convert(arguments.sources, arguments.target):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
