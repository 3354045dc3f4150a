"""The flags of `stylize` for videos, and how such a job goes."""

import sys
import time

from absl import flags
from tqdm import tqdm

from style_gan_tf.errors import UsageError
from style_gan_tf.images.optical_flow import open_cv
from style_gan_tf.inference import Job
from style_gan_tf.inference.color import ColorControl
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.inference.video import Clip, Frame, open_av, plan_video, stylize_video

_TEMPORAL = ("statistics", "flow", "none")
_LINE_EVERY = 10.0  # seconds, where there is no terminal for a bar


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_enum(
        "temporal",
        _TEMPORAL[0],
        _TEMPORAL,
        "Of videos: statistics, frames share their normalization statistics, against pumping "
        "colours; flow, that and each frame is blended with the one before along the optical "
        "flow, against flicker; none, each frame for itself.",
        flag_values=values,
    )


def plan(values: flags.FlagValues) -> Job | None:
    """Where the video goes; None: it is there already, and shall stay.

    Raises:
        UsageError: See `plan_video`; and for flags that mean pictures.
        UserError: When a package is missing.
    """
    for flag in ("shard", "seamless"):
        if values[flag].value:
            raise UsageError(f"--{flag} is for pictures: --input={values.input} is a video")
    open_av()
    if values.temporal == "flow":
        open_cv()
    job = plan_video(
        values.input, values.output, overwrite=values.overwrite or values.skip_existing
    )
    if values.skip_existing and job.target.exists():
        print(f"{job.target} is there already")
        return None
    return job


def stylize(values: flags.FlagValues, job: Job, model: Stylizes, color: ColorControl | None) -> int:
    """Stylize it, showing how it goes."""
    progress = _Progress()
    with progress.bar:
        report = stylize_video(
            model,
            job.source,
            job.target,
            strength=values.strength,
            quality=values.quality,
            color=color,
            flow=values.temporal == "flow",
            shared=values.temporal != "none",
            on_clip=progress.began,
            on_frame=progress.written,
            on_warning=progress.warned,
        )
    seconds = max(time.monotonic() - progress.begin, 1e-9)
    repeated = f", {report.repeated} broken ones repeated" if report.repeated else ""
    print(
        f"{report.frames} frames stylized in {seconds:.1f} s "
        f"({report.frames / seconds:.1f} frames/s){repeated}"
    )
    return 0


class _Progress:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.begin = self.line = time.monotonic()
        self.count = self.total = 0
        self.is_terminal = sys.stderr.isatty()
        self.bar = tqdm(unit="frame", disable=not self.is_terminal)

    def began(self, clip: Clip) -> None:
        self.total = clip.count
        self.bar.total = clip.count or None
        self.bar.refresh()

    def written(self, frame: Frame) -> None:
        del frame
        self.count += 1
        self.bar.update()
        now = time.monotonic()
        if not self.is_terminal and now - self.line > _LINE_EVERY:
            self.line = now
            of = f"/{self.total}" if self.total else ""
            rate = self.count / (now - self.begin)
            print(f"[{self.count}{of}] {rate:.1f} frames/s", flush=True)

    def warned(self, text: str) -> None:
        self.bar.write(f"warning: {text}", file=sys.stderr)
