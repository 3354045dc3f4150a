"""`python -m style_gan_tf.stylize`: the command, see the package."""

from style_gan_tf.stylize import console

if __name__ == "__main__":
    console()
