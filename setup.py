"""Models and flagfiles lie beside the package in a clone, and inside it in a wheel.

All else that there is to say of the package stands in setup.cfg, which has no word for this.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("configs", "saved_models")


class BuildWithShipped(build_py):
    """The package, with the folders that are shipped in it."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # The clone's own folders are found then.
            return
        for folder in SHIPPED:
            inside = Path(self.build_lib, "style_gan_tf", folder)
            # An earlier build may have left what is shipped no more.
            shutil.rmtree(inside, ignore_errors=True)
            shutil.copytree(folder, inside, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithShipped})
