"""What serving costs: an encoded picture through HTTP, JSON and base64, against the bare work.

    python -m benchmarks.serving --rounds=21

Served: a client of the REST API sends a JPEG to `python -m style_gan_tf.serve`, a process of
its own on this machine, and gets one back. Direct: decode, model and encode are called one after
another in this process. They take turns, picture by picture; the last line is the ratio of the
medians. docs/benchmarks.md says how to read the figures.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from absl import flags

from benchmarks import alternating
from benchmarks.server_process import find_versions, photo, serving
from style_gan_tf import command_line
from style_gan_tf.inference.naming import versions


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name in ("width", "height"):
        flags.DEFINE_integer(name, 512, f"The picture's {name}.", 1, flag_values=values)
    flags.DEFINE_string(
        "model_base_path",
        "",
        "A folder of exported versions; default: a generator fast with random weights.",
        flag_values=values,
    )
    alternating.define_flags(values, rounds=21)


def main(values: flags.FlagValues) -> None:
    """Time both in turns and print the ratio."""
    command_line.load_tensorflow()
    from style_gan_tf.images import encode
    from style_gan_tf.serving.client import Client

    facts = alternating.machine()
    print(alternating.describe(facts))
    data = encode(photo(values.width, values.height), format="jpeg", quality=90)
    with tempfile.TemporaryDirectory() as made:
        base_path = find_versions(values.model_base_path, Path(made))
        with serving(base_path) as server:
            url = f"http://{server.host}:{server.port}/v1/models/m"
            with Client(url, retries=0) as client:
                contenders = [
                    alternating.Contender("served", lambda: client.stylize_bytes(data), True),
                    alternating.Contender("direct", _direct(base_path, data)),
                ]
                timings = alternating.take_turns(contenders, values.rounds, warm_up=3)
    facts |= {"width": values.width, "height": values.height, "bytes": len(data)}
    alternating.report(facts, timings, values.json)
    served, direct = timings
    ratio = served.median / direct.median
    print(f"ratio: served takes {ratio:.3f} times as long as decode + model + encode directly")


def _direct(base_path: Path, data: bytes) -> Callable[[], bytes]:
    import tensorflow as tf

    from style_gan_tf.exporting import decoding

    found = versions(base_path)
    model = tf.saved_model.load(str(found[max(found)]))
    decode = tf.function(
        decoding.decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False
    )
    encode = tf.function(
        lambda image: decoding.encode(image, tf.constant(True)),
        input_signature=[tf.TensorSpec([None, None, 3], tf.float32)],
        autograph=False,
    )

    def run() -> Any:
        images = decode(tf.constant(data))[tf.newaxis]
        stylized = model.signatures["serving_default"](images=images)["stylized_images"]
        return encode(stylized[0]).numpy()

    return run


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.serving", __doc__ or "", define_flags, main))
