"""Can the styles of one model be told apart, and does its dial turn smoothly?

    python -m benchmarks.styles --model=runs/styles --content_data=photos/ \\
        --style_data=oil=paintings/ --style_data=ink=drawings/ --output=styles.png

A classifier is fitted to the real pictures that trainings use; then it names the style of held-out
real ones and of what the model makes of held-out photos, each by itself; and which of a photo's
renderings is in which style, where the photo's own colours play no part. KID of each style against
its own held-out pictures. For the dial, the mean distance to the photo at strengths from 0 to 1,
whose steps should be even, and the share of photos that it grows on at every step. --output draws
strengths and mixtures of a few photos.
"""

import sys
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.data import name_styles
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import find_model

_STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "A generator of several styles: a run folder or a .keras file."),
        ("content_data", "", "Dataset spec of the photos."),
        ("extractor", "squeezenet", "Network whose features are classified."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("output", "", "A picture of strengths and mixtures."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_multi_string(
        "style_data", [], "NAME=SPEC of each style, in the model's order.", flag_values=values
    )
    flags.DEFINE_integer("size", 227, "Pixels a side.", lower_bound=32, flag_values=values)
    flags.DEFINE_integer("images", 128, "Held-out pictures of each.", 2, flag_values=values)


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "content_data"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    specs = name_styles(values.style_data)
    found = find_model(values.model)
    if found.kind != "keras":
        raise UsageError(f"--model={values.model}: name a run folder or a .keras file")
    command_line.load_tensorflow()
    from style_gan_tf import data
    from style_gan_tf.metrics import StyleClassifier, embed, kernel_distance, standardized
    from style_gan_tf.networks import load_extractor, load_network

    network = load_network(found.path)
    if network.styles != tuple(specs):
        raise UserError(
            f"--style_data: the model's styles are {', '.join(network.styles)}; name them in "
            "this order"
        )
    extractor = load_extractor(values.extractor, values.extractor_weights)
    size, count = values.size, values.images
    photos = data.held_out_pictures(data.open_source(values.content_data), count, size)
    sources = {name: data.open_source(spec) for name, spec in specs.items()}
    trained, held_out = {}, {}
    for name, source in sources.items():
        # As many of each as there are held out would be too few to learn from.
        part = data.spread(data.split(source, "train"), 8 * count)
        trained[name] = embed(extractor, data.read_squares(part, size)[0])
        held_out[name] = embed(extractor, data.held_out_pictures(source, count, size))
    labels = np.repeat(np.arange(len(trained)), [len(part) for part in trained.values()])
    classifier = StyleClassifier(np.concatenate(list(trained.values())), labels)
    run = _Dial(network, photos)
    print(f"{len(photos)} photos, {size} pixels, {extractor.name}")
    print("style         real named right   stylized named right   told apart   KID x1000 (error)")
    fakes = np.stack([embed(extractor, run(style)) for style in np.eye(len(specs))])
    apart = classifier.told_apart(fakes)
    for index, name in enumerate(specs):
        real = classifier.accuracy(held_out[name], index)
        fake = classifier.accuracy(fakes[index], index)
        kid = kernel_distance(*standardized(held_out[name], fakes[index]))
        shares = f"{real:12.1%}{fake:23.1%}{apart[index]:19.1%}"
        print(f"{name:14}{shares}{kid.value:15.1f} ({kid.error:.1f})")
    for index, name in enumerate(specs):
        print(f"{name}: {_describe(run.distances(np.eye(len(specs))[index]))}")
    if values.output:
        _draw(run, photos[:4], tuple(specs), values.output)


class _Dial:
    """The generator at any style weights, over all photos, traced once."""

    def __init__(self, network: Any, photos: np.ndarray) -> None:
        import tensorflow as tf

        from style_gan_tf.networks import any_size

        self.photos = photos
        self._run = tf.function(
            lambda image, weights: any_size(network, image, style_weights=weights),
            autograph=False,
        )

    def __call__(self, weights: np.ndarray, photos: np.ndarray | None = None) -> np.ndarray:
        import tensorflow as tf

        given = tf.constant(weights[np.newaxis], tf.float32)
        photos = self.photos if photos is None else photos
        return np.concatenate([self._run(tf.constant(p[np.newaxis]), given) for p in photos])

    def distances(self, style: np.ndarray) -> np.ndarray:
        """Mean absolute distance to each photo at each strength: `[strengths, photos]`."""
        return np.stack(
            [np.abs(self(s * style) - self.photos).mean(axis=(1, 2, 3)) for s in _STRENGTHS]
        )


def _describe(distances: np.ndarray) -> str:
    means = distances.mean(axis=1)
    steps = ", ".join(f"{s:g}: {m / means[-1]:.2f}" for s, m in zip(_STRENGTHS, means, strict=True))
    growing = np.mean((np.diff(distances, axis=0) > 0).all(axis=0))
    return f"distance to the photo by strength, of the full one: {steps}; grows on {growing:.0%}"


def _draw(run: _Dial, photos: np.ndarray, styles: tuple[str, ...], output: str) -> None:
    from style_gan_tf.images import eight_bits, encode, format_of, sheet, write_file

    eye = np.eye(len(styles))
    looks = [s * eye[0] for s in _STRENGTHS]
    looks += [(1 - s) * eye[0] + s * eye[1] for s in _STRENGTHS[1:]]
    looks += [s * eye[1] for s in _STRENGTHS[-2::-1]]
    columns = [run(look, photos) for look in looks]
    rows = [[eight_bits(column[i]) for column in columns] for i in range(len(photos))]
    write_file(output, encode(sheet(rows), format=format_of(output)))


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.styles", __doc__ or "", define_flags, main))
