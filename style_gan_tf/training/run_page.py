"""`index.html` in the run folder: where the run is, for who looks at it in a browser."""

import dataclasses
import datetime
import re
import shlex
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from style_gan_tf.errors import UserError
from style_gan_tf.images import encode, write_file
from style_gan_tf.reports import meaning, read_metrics, render, training_curves
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.samples import SampleSheet
from style_gan_tf.training.settings import Settings

_REFRESH = 20  # seconds after which an open page looks for news
_EARLIER = 6  # sheets of samples beside the newest
# The page may take this share of the time, and the seconds that the first ones need anyway.
_SHARE, _FREE = 0.01, 2.0


@dataclasses.dataclass(frozen=True)
class Standing:
    """Where a run is.

    Attributes:
        step: Steps done.
        total: Steps of the whole run; 0 where time alone limits it.
        minutes: Of training, earlier parts of the run included.
        left: How long it still takes, in words; may be empty.
        state: "training", or how it ended.
    """

    step: int
    total: int
    minutes: float
    left: str = ""
    state: str = "training"


class RunPage:
    """Writes the page and `results.png`, and never costs a run more than its share of time.

    What cannot be written is told once on stderr, and training goes on.

    Args:
        folder: Of the run; the page shows what lies there.
        settings: The run's.
        figure: The in-loop metric's column in `metrics.csv`; None: there is none.
        untouched: The metric of the photos themselves, where that is known.

    Attributes:
        stale: Whether there is news since the page was written.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: Settings,
        figure: str | None = None,
        untouched: float | None = None,
    ) -> None:
        self.folder, self.settings = folder, settings
        self.figure, self.untouched = figure, untouched
        self.stale = True
        self._start, self._spent = time.monotonic(), 0.0
        self._samples: SampleSheet | None = None
        self._written = self._warned = False

    def show(self, samples: SampleSheet) -> None:
        """Take the newest samples: `results.png` will be them, written with the page."""
        self._samples, self.stale = samples, True

    def update(self, standing: Standing) -> None:
        """Write the page anew; left out while pages have taken more than their share of time."""
        self.stale = False
        share = _SHARE * (time.monotonic() - self._start)
        late = standing.state == "training" and self._spent > max(_FREE, share)
        if late and self._written:
            return
        self._written = True
        self._try(lambda: self._write(standing))

    def _write(self, standing: Standing) -> None:
        if self._samples is not None:
            write_file(self.folder.results, encode(self._samples.labelled(), format="png"))
            self._samples = None
        write_file(self.folder.page, self._render(standing).encode())

    def _try(self, write: Any) -> None:
        start = time.monotonic()
        try:
            write()
        except (OSError, UserError) as error:
            if not self._warned:
                print(f"warning: {error}; training goes on without the page", file=sys.stderr)
            self._warned = True
        self._spent += time.monotonic() - start

    def _render(self, standing: Standing) -> str:
        folder, settings = self.folder, self.settings
        defaults = Settings().flags()
        flags = settings.flags()
        newest, earlier = self._sheets()
        figures = read_metrics(folder.metrics)
        first = {name: figures.pop(name) for name in (self.figure or "",) if name in figures}
        return render(
            "run.html",
            title=f"{folder.path.resolve().name}: a run of style_gan_tf",
            running=standing.state == "training",
            refresh=_REFRESH,
            written=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            share=_share(standing, settings.max_minutes),
            figure=self._compared(),
            newest=newest,
            earlier=earlier,
            curves=training_curves({folder.path.name: {**first, **figures}}),
            summaries=shlex.quote(str(folder.summaries)),
            flagfile=shlex.quote(str(folder.flags)),
            flags=flags,
            changed=[flag for flag in flags if flag not in defaults],
            **dataclasses.asdict(standing),
        )

    def _compared(self) -> dict[str, Any] | None:
        """The best figure and the last, with their steps."""
        points = read_metrics(self.folder.metrics, across="step").get(self.figure or "", [])
        if not points:
            return None
        best_step, best = min(points, key=lambda point: point[1])
        last_step, last = points[-1]
        return {
            "name": self.figure,
            "text": meaning(self.figure or ""),
            "best": f"{best:.4g}",
            "best_step": round(best_step),
            "last": f"{last:.4g}",
            "last_step": round(last_step),
            "ratio": f"{last / best:.2f}" if best > 0 and last > best else "",
            "untouched": "" if self.untouched is None else f"{self.untouched:.4g}",
        }

    def _sheets(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """The newest sheet and some of those before, the newer the earlier."""
        found = [_sheet_of(path) for path in sorted(self.folder.samples.glob("step_*.png"))]
        if not found:
            return None, []
        *before, newest = found
        if self.folder.results.is_file():
            # What stands behind the question mark lets no browser show what it kept.
            newest = {**newest, "url": f"{self.folder.results.name}?step={newest['step']}"}
        wanted = min(_EARLIER, len(before))
        places = {round(i * (len(before) - 1) / max(wanted - 1, 1)) for i in range(wanted)}
        return newest, [before[place] for place in sorted(places, reverse=True)]


def _sheet_of(path: Path) -> dict[str, Any]:
    step = int(re.sub(r"\D", "", path.stem) or 0)
    return {"step": step, "url": f"{quote(path.parent.name)}/{quote(path.name)}"}


def _share(standing: Standing, max_minutes: float) -> float | None:
    """How much of the run is done, by the limit that is nearer; None without limits."""
    shares = []
    if standing.total:
        shares.append(standing.step / standing.total)
    if max_minutes:
        shares.append(standing.minutes / max_minutes)
    return min(max(shares), 1.0) if shares else None
