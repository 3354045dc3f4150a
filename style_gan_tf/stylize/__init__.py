"""Stylize a picture, a folder of pictures, all that a glob matches, or a video; or generate.

    python -m style_gan_tf.stylize --model=runs/monet --input=photos --output=monets
    python -m style_gan_tf.stylize --generate=16 --noise_model=runs/faces --model=runs/monet \\
        --output=painted_faces
    python -m style_gan_tf.stylize --optimize=wave.jpg --input=photo.jpg --output=photo_wave.jpg
    python -m style_gan_tf.stylize --model=runs/any_style --style_image=wave.jpg --input=photos \\
        --output=waves
    python -m style_gan_tf.stylize --server=http://localhost:8501/v1/models/monet --input=photos \\
        --output=monets

MODEL is a run folder, a `.keras` file, a SavedModel, a folder of its versions, or the name of a
shipped model. Each picture keeps its size, its alpha channel, its name and its place in the
folders; and its colour profile, EXIF and 16 bits a colour, where it has them. A picture that cannot
be read is named and left out, also in OUTPUT/failures.txt; the exit status is then 1.

`--optimize` needs no model: it paints each picture's pixels themselves in the look of one painting
or several, by gradient descent over VGG19's features. It takes a minute or more a picture.
"""

import sys

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.stylize.modes import mode_of
from style_gan_tf.stylize.settings import StylizeSettings, define_flags, settings_of

__all__ = ["StylizeSettings", "console", "define_flags", "main"]


def main(values: flags.FlagValues) -> int:
    """Do what the flags say; 1 when a picture failed."""
    settings = settings_of(values)
    return mode_of(settings).run(settings)


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.stylize", __doc__ or "", define_flags, main))
