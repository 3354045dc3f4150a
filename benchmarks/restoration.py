"""Is a restored photograph nearer to the good one than without a GAN? Against non-local means.

    python -m benchmarks.restoration --model=runs/restoration --data=photos/ --degrade=noise:25

Each photograph is damaged, always in the same way, and restored by the model and by scikit-image's
non-local means. That one gets what a user would have to guess: how strong the damage is, and,
of its usual settings, the best for some of these photographs, once by PSNR and once by perceptual
distance. All results are rounded to 8 bits, as a file holds them. Perceptual distances need
weights: docs/evaluation.md.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from absl import flags
from tqdm import tqdm

from style_gan_tf import command_line, data
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import find_model, load_model
from style_gan_tf.precision import PRECISIONS

# patch_size, patch_distance and h as a part of the damage, around what scikit-image's gallery and
# Buades et al. 2005 take; all with fast_mode and the damage's strength as sigma.
_SETTINGS = ((5, 6, 0.4), (5, 6, 0.5), (5, 6, 0.6), (5, 6, 0.8), (5, 11, 0.5), (7, 11, 0.6))
# Settings are tried on so many of the photographs, and so many pixels a side of their middles.
_TRIED, _TRIED_SIZE = 8, 256


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "Models, separated by commas: run folders, .keras files or SavedModels."),
        ("data", "", "Dataset spec of good photographs that no model was trained on."),
        ("degrade", "noise:25", "What happens to them: docs/data.md."),
        ("extractor", "squeezenet", "Network whose features measure perceptual distance."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("lpips_weights", "", "BACKBONE,LINEAR: two .npz files; LPIPS instead."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_integer("images", 0, "The most; 0: all.", lower_bound=0, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What .keras models compute in.", flag_values=values
    )


@dataclasses.dataclass(frozen=True)
class Photograph:
    """What is to be restored, and what it was: float32 `[height, width, 3]` in [-1, 1]."""

    degraded: np.ndarray
    target: np.ndarray

    @property
    def damage(self) -> float:
        """Root mean square difference of the two."""
        return float(np.sqrt(np.mean(np.square(self.degraded - self.target))))

    def middle(self, size: int) -> "Photograph":
        """The middle square of that many pixels a side, or what there is of it."""
        height, width = self.target.shape[:2]
        top, left = max(height - size, 0) // 2, max(width - size, 0) // 2
        cut = (slice(top, top + size), slice(left, left + size))
        return Photograph(self.degraded[cut], self.target[cut])


Restore = Callable[[Photograph], np.ndarray]


def main(values: flags.FlagValues) -> None:
    """Restore, measure and print the table."""
    for flag in ("model", "data", "degrade"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    degradations = data.parse_degradations(values.degrade)
    found = {name: find_model(name) for name in values.model.split(",")}
    lpips = values.lpips_weights.split(",") if values.lpips_weights else []
    if len(lpips) not in (0, 2):
        raise UsageError("--lpips_weights: name two files, BACKBONE.npz,LINEAR.npz")
    _require_scikit_image()

    command_line.load_tensorflow()
    from style_gan_tf.metrics import PerceptualDistance, load_lpips
    from style_gan_tf.networks import load_extractor

    perceptual = (
        load_lpips(*lpips)
        if lpips
        else PerceptualDistance(load_extractor(values.extractor, values.extractor_weights))
    )
    source = data.open_source(values.data)
    photographs = read(data.spread(source, values.images or len(source)), degradations)
    models = {name: load_model(model, values.precision) for name, model in found.items()}
    contenders: dict[str, Restore] = {"degraded": lambda photograph: photograph.degraded}
    contenders |= best_non_local_means(photographs, perceptual)
    for name, model in models.items():
        contenders[name] = lambda photograph, model=model: model.stylize(
            photograph.degraded[np.newaxis]
        )[0]
    print(f"{len(photographs)} photographs, {values.degrade}, means")
    width = max(map(len, contenders))
    distance = perceptual.name
    print(f"{'':{width}}{'PSNR, dB':>12}{'SSIM':>10}{distance:>{len(distance) + 4}}", flush=True)
    for name, restore in contenders.items():
        decibels, similarity, far = figures(restore, photographs, perceptual, name)
        cells = f"{decibels:12.2f}{similarity:10.4f}{far:{len(distance) + 4}.4f}"
        print(f"{name:{width}}{cells}", flush=True)


def _require_scikit_image() -> None:
    try:
        import skimage.restoration  # noqa: F401
    except ImportError:
        raise UserError("scikit-image is missing: pip install 'style_gan_tf[demo]'") from None


def read(source: data.Source, degradations: tuple[Any, ...]) -> list[Photograph]:
    """All photographs of a source in their own size, each damaged by a draw of its own."""
    photographs = []
    for index in range(len(source)):
        rgb = source.picture(index, max_pixels=source.max_pixels, at_least=max(source.size(index)))
        target = rgb.astype(np.float32) / np.float32(127.5) - 1
        degraded = data.degrade(target, degradations, [0, index]).numpy()
        photographs.append(Photograph(degraded, target))
    return photographs


def best_non_local_means(photographs: list[Photograph], perceptual: Any) -> dict[str, Restore]:
    """Non-local means in its best setting for these photographs, by PSNR and by distance."""
    step = -(-len(photographs) // _TRIED)
    middles = [photograph.middle(_TRIED_SIZE) for photograph in photographs[::step]]
    tried = [
        figures(non_local_means(*setting), middles, perceptual, f"non-local means {setting}")
        for setting in _SETTINGS
    ]
    best = {
        "PSNR": int(np.argmax([row[0] for row in tried])),
        perceptual.name: int(np.argmin([row[2] for row in tried])),
    }
    chosen: dict[str, Restore] = {}
    for place in dict.fromkeys(best.values()):
        size, distance, h = _SETTINGS[place]
        by = ", ".join(name for name, of in best.items() if of == place)
        name = f"non-local means {size}, {distance}, {h} (best {by})"
        chosen[name] = non_local_means(size, distance, h)
    return chosen


def non_local_means(patch_size: int, patch_distance: int, h: float) -> Restore:
    """scikit-image's, with h in units of the damage."""
    from skimage.restoration import denoise_nl_means

    def restore(photograph: Photograph) -> np.ndarray:
        sigma = photograph.damage
        return denoise_nl_means(
            photograph.degraded,
            patch_size=patch_size,
            patch_distance=patch_distance,
            h=h * sigma,
            sigma=sigma,
            fast_mode=True,
            channel_axis=-1,
        )

    return restore


def figures(
    restore: Restore, photographs: list[Photograph], perceptual: Any, name: str
) -> tuple[float, float, float]:
    """Means of PSNR in dB, SSIM and perceptual distance."""
    from style_gan_tf.metrics import psnr, ssim

    measured = []
    for photograph in _shown(photographs, name):
        pixels = np.rint((np.clip(restore(photograph), -1, 1) + 1) * 127.5)
        restored = (pixels / 127.5 - 1).astype(np.float32)[np.newaxis]
        target = photograph.target[np.newaxis]
        measured.append([float(f(restored, target)[0]) for f in (psnr, ssim, perceptual)])
    means = np.mean(measured, axis=0)
    return float(means[0]), float(means[1]), float(means[2])


def _shown(photographs: list[Photograph], name: str) -> Iterator[Photograph]:
    yield from tqdm(photographs, desc=name, unit="picture", disable=not sys.stderr.isatty())


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.restoration", __doc__ or "", define_flags, main))
