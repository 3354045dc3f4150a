"""What a contender's training is worth: its curve, and all figures of its last and best state.

TensorFlow's side of `benchmarks.quality`: it writes the pictures that all share, and judges what
the trainings painted of the held-out ones.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import OURS, Contender, PeerSettings, refuse_other
from benchmarks.training_pictures import write_pictures
from style_gan_tf import data, reports
from style_gan_tf.data.loader import Loader
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import write_file
from style_gan_tf.inference import Tiling, find_model, load_model
from style_gan_tf.metrics import Judge
from style_gan_tf.networks import load_extractor
from style_gan_tf.objectives import objective_entry
from style_gan_tf.reports.report import REAL, UNTOUCHED
from style_gan_tf.training import Settings, checkpoints
from style_gan_tf.training.evaluation import open_evaluation
from style_gan_tf.training.reading import open_data, read_data
from style_gan_tf.training.run_folder import RunFolder

FINAL, BEST = "final", "best"
_PICTURED = frozenset({"content_data", "style_data", "max_pixels", "crop", "load_size",
                       "eval_images"})  # fmt: skip

Figures = dict[str, dict[str, Any]]


class Jury:
    """The held-out pictures and what measures by them.

    Args:
        settings: Of ours, which say what is held out and whose features measure.

    Attributes:
        content: Photos, uint8 `[n, size, size, 3]`.
        style: Style images, the same.
        evaluation: The figure of the curves, which trainings measure as well.

    Raises:
        UserError: When there is too little to measure by, or features cannot be had.
    """

    def __init__(self, settings: Settings) -> None:
        if set(objective_entry(settings.objective).reads) != {"content", "style"}:
            raise UsageError(
                f"--objective={settings.objective}: compared are models from one folder of "
                "photos to one of style images"
            )
        judged = read_data(settings, open_data(settings)).judged
        if judged is None:
            raise UsageError("--eval_every=0: nothing would be measured")
        extractor = load_extractor(settings.extractor, settings.extractor_weights)
        evaluation = open_evaluation(judged, settings)
        if evaluation is None or not evaluation.name.startswith("kid_"):
            count, size = min(map(len, judged.values())), judged["content"].shape[1]
            raise UserError(
                f"held out are {count} pictures of {size} pixels: two of each set, from "
                f"{extractor.minimum} pixels a side, are the least; name more or larger ones"
            )
        self.evaluation = evaluation
        self.content, self.style = (_levels(judged[name]) for name in ("content", "style"))
        self._judge = Judge(_values(self.style), extractor)

    def figures(self, painted: np.ndarray) -> Figures:
        """Every figure that `style_gan_tf.metrics` has of what was painted of the photos.

        Args:
            painted: uint8, in the shape of `content`.
        """
        return _told(self._judge.measure(_values(painted), _values(self.content)))

    def curve_figure(self, painted: np.ndarray) -> float:
        """The figure that the curves show."""
        return float(self.evaluation.compare(_values(painted)))

    def ends(self) -> dict[str, Figures]:
        """The two ends of the scale: the photos as they were, and style images against others."""
        found = {UNTOUCHED: self.figures(self.content)}
        if len(self.style) >= 4:
            style = _values(self.style)
            halves = Judge(style[::2], self._judge.extractor, self._judge.perceptual)
            found[REAL] = _told(halves.measure(style[1::2]))
        return found


def prepare(settings: Settings, peers: PeerSettings, training: bool, output: Path) -> Jury:
    """Write the pictures that all share into `output/pictures`, and open what judges.

    Args:
        settings: Of ours.
        peers: What is said of the peers.
        training: Whether peers take part, who need the training pictures too.
        output: The benchmark's folder.

    Raises:
        UsageError: When pictures of other flags lie there.
    """
    folder = output / "pictures"
    path = folder / "pictures.json"
    flags = [line for line in settings.flags() if line[2:].partition("=")[0] in _PICTURED]
    peer_flags = [f"--peer_crop={peers.crop}", f"--peer_load_size={peers.load_size}"]
    conditions = [*flags, *peer_flags]
    before: dict[str, Any] = {}
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        refuse_other(path, before["conditions"], conditions)
    jury = Jury(settings)
    folder.mkdir(parents=True, exist_ok=True)
    if not before:
        np.save(folder / "held_out_content.npy", jury.content)
        np.save(folder / "held_out_style.npy", jury.style)
        before = {"conditions": conditions, "ends": jury.ends(), "counts": {}}
    if training and not before["counts"]:
        for name in ("content", "style"):
            pictures = _training_pictures(settings, name, peers)
            before["counts"][name] = write_pictures(folder, name, pictures)
    write_file(path, (json.dumps(before, indent=2) + "\n").encode())
    return jury


def _training_pictures(settings: Settings, name: str, peers: PeerSettings) -> Iterator[np.ndarray]:
    """The training part of a set, as the peers crop it."""
    augmentation = data.Augmentation(crop=peers.crop, load_size=peers.load_size)
    spec = {"content": settings.content_data, "style": settings.style_data}[name]
    source = data.open_source(str(spec), max_pixels=settings.max_pixels)
    part = data.split(data.validate(source, augmentation), "train")
    loader = Loader(part, augmentation, max_pixels=settings.max_pixels)
    loader.require_one()
    found = (loader.try_load(index) for index in range(len(part)))
    yield from (picture for picture in found if picture is not None)


def measure(contender: Contender, jury: Jury) -> dict[str, Any]:
    """All figures of a contender whose training is over, and its paintings into `painted/`."""
    found = _ours(contender, jury) if contender.name == OURS else _peer(contender, jury)
    folder = contender.output / "painted"
    folder.mkdir(exist_ok=True)
    for state in (FINAL, BEST):
        painted = found.pop(f"{state}_painted")
        np.save(folder / f"{contender.name}_seed_{contender.seed}_{state}.npy", painted)
        found[state] = jury.figures(painted)
    if contender.name != OURS:  # All that is shown lies in `painted` now.
        for path in (contender.folder / "painted").glob("step_*.npy"):
            path.unlink()
    return {
        "metric": jury.evaluation.name,
        "untouched": jury.evaluation.untouched,
        "seed": contender.seed,
        **found,
    }


def _ours(contender: Contender, jury: Jury) -> dict[str, Any]:
    """The curve is the run's own `metrics.csv`, with its last state behind it."""
    folder = RunFolder(contender.folder)
    facts = _last_checkpoint(folder)
    minutes = min(float(facts["minutes"]), contender.settings.max_minutes)
    curve = list(reports.read_metrics(folder.metrics).get(jury.evaluation.name, []))
    precision = contender.settings.precision
    painted = {FINAL: _paint(folder.generator, jury.content, precision)}
    final = jury.curve_figure(painted[FINAL])
    painted[BEST] = painted[FINAL]
    best_minutes, best = min(curve, key=lambda point: point[1], default=(minutes, final))
    if best < final and folder.best_generator.exists():
        painted[BEST] = _paint(folder.best_generator, jury.content, precision)
    else:
        best_minutes = minutes
    return {
        "steps": int(facts["step"]),
        "minutes": minutes,
        "best_minutes": best_minutes,
        "curve": [*(point for point in curve if point[0] < minutes), (minutes, final)],
        "setting": f"TensorFlow, precision {precision}",
        **{f"{state}_painted": pictures for state, pictures in painted.items()},
    }


def _peer(contender: Contender, jury: Jury) -> dict[str, Any]:
    """The curve is what it painted on its way."""
    told = json.loads((contender.folder / "training.json").read_text(encoding="utf-8"))
    folder = contender.folder / "painted"
    curve = [
        (entry["minutes"], jury.curve_figure(np.load(folder / entry["file"])))
        for entry in told["painted"]
    ]
    best = min(range(len(curve)), key=lambda place: curve[place][1])
    files = {FINAL: told["painted"][-1]["file"], BEST: told["painted"][best]["file"]}
    return {
        "steps": told["steps"],
        "minutes": told["seconds"] / 60,
        "best_minutes": curve[best][0],
        "curve": curve,
        "setting": f"PyTorch {told['torch']}, {told['setting']}",
        **{f"{state}_painted": np.load(folder / name) for state, name in files.items()},
    }


def _paint(path: Path, content: np.ndarray, precision: str) -> np.ndarray:
    """What a model of ours makes of the photos, each at its own size; uint8."""
    model = load_model(find_model(str(path)), precision, Tiling(paint_size=0))
    return _levels(np.concatenate([model.stylize(photo[None]) for photo in _values(content)]))


def _last_checkpoint(folder: RunFolder) -> dict[str, Any]:
    """What the newest checkpoint remembers: `step`, `minutes`."""
    with np.load(checkpoints.find(folder.checkpoints)[0], allow_pickle=False) as file:
        facts: dict[str, Any] = json.loads(str(file["facts"]))
    return facts


def _told(figures: Any) -> Figures:
    return {
        figure.label: {
            "metric": figure.metric,
            "value": _number(figure.value),
            "error": _number(figure.error),
            "rests_on": figure.rests_on,
        }
        for figure in figures
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _levels(pictures: np.ndarray) -> np.ndarray:
    return np.rint((np.clip(pictures, -1, 1) + 1) * 127.5).astype(np.uint8)


def _values(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / np.float32(127.5) - 1
