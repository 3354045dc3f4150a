"""Better pictures per minute? Our recipe and CycleGAN in PyTorch, for the same wall clock.

    python -m benchmarks.quality --minutes=60 --content_data=photos/ --style_data=paintings/

Takes the train command's flags, which say what ours is, by default `painting.flags`; the same
training pictures, held-out pictures, crop and cores serve all, one after the other. The peers are
CycleGAN's reference recipe (ResNet-9, 64 filters, batch 1) in float32 as published and in
PyTorch's fastest setting. Each is measured by KID every few minutes: ours inside its own time, the
peers while their clock stands still, for their generator paints far slower than ours. What is in
--output already is not run again, so that a day's worth can be done in parts; under other
conditions it is refused. docs/benchmarks.md says how to read it.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from benchmarks import alternating
from style_gan_tf import command_line, train
from style_gan_tf.errors import UsageError, UserError

OURS, FLOAT32, BEST = "ours", "pytorch_float32", "pytorch_best"
# CycleGAN's own preparation: pictures of 286 pixels, crops of 256.
_LOAD = 286 / 256
_FLAGFILE = "--flagfile=painting"
_MEASURED = ("max_minutes", "seed", "extractor", "extractor_weights", "eval_images")
# What a peer shares with ours, and what ours may change without being another recipe.
_SHARED = frozenset({"content_data", "style_data", "crop", "flip", "max_pixels", *_MEASURED})
_NO_MATTER = frozenset({"run_dir", "keep", "cache", "log_every"})


def define_flags(values: flags.FlagValues) -> None:
    """Define the train command's flags and this benchmark's."""
    train.define_flags(values)
    flags.DEFINE_float("minutes", 60, "Wall clock of each.", lower_bound=0.01, flag_values=values)
    flags.DEFINE_float(
        "measure_minutes",
        5,
        "Minutes between a peer's measurements; ours are --eval_every.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_list(
        "contenders", [OURS, FLOAT32, BEST], "Which run, in this order.", flag_values=values
    )
    flags.DEFINE_string(
        "output", "runs/quality", "Folder for runs and figures.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Run what is missing and print the table."""
    unknown = set(values.contenders) - {OURS, FLOAT32, BEST}
    if unknown or not values.contenders:
        raise UsageError(f"--contenders={','.join(values.contenders)}: {OURS}, {FLOAT32}, {BEST}")
    output = Path(values.output)
    values.run_dir, values.max_minutes = str(output / OURS), values.minutes
    settings = train.settings_of(values)
    output.mkdir(parents=True, exist_ok=True)
    if not alternating.settle() and set(values.contenders) != {OURS}:
        raise UserError("PyTorch is missing: pip install 'style_gan_tf[bench]'")
    command_line.load_tensorflow()
    facts = alternating.machine()
    print(alternating.describe(facts))
    for name in values.contenders:
        path = output / f"{name}.json"
        conditions = _conditions(name, settings)
        if path.exists():
            _refuse_other(path, conditions)
            print(f"{name}: measured before ({path})")
            continue
        found = _ours(settings) if name == OURS else _peer(name, values, settings)
        figures = {**facts, **found, "conditions": conditions}
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    report(output)


def _conditions(name: str, settings: Any) -> list[str]:
    """The flags that a contender's figures hang on."""
    told = [(line, line[2:].partition("=")[0]) for line in settings.flags()]
    if name == OURS:
        return [line for line, flag in told if flag not in _NO_MATTER]
    return [line for line, flag in told if flag in _SHARED]


def _refuse_other(path: Path, conditions: list[str]) -> None:
    """Refuse to set figures beside others that were taken under other conditions."""
    before = json.loads(path.read_text(encoding="utf-8"))["conditions"]
    if before != conditions:
        others = [line for line in before if line not in conditions]
        raise UsageError(
            f"--output={path.parent}: {path.name} was measured with {' '.join(others) or 'less'}: "
            "give the same flags, or another folder"
        )


def _ours(settings: Any) -> dict[str, Any]:
    """Train as the command does; the curve is the run's own `metrics.csv`."""
    from style_gan_tf import reports
    from style_gan_tf.training.loop import train_run
    from style_gan_tf.training.run import Run
    from style_gan_tf.training.run_folder import RunFolder

    data, evaluation = _open(settings)
    if Path(settings.run_dir).exists():  # Of a benchmark that was broken off.
        shutil.rmtree(settings.run_dir)
    outcome = train_run(Run(settings, data), RunFolder(settings.run_dir))
    if outcome.signal is not None:
        raise UserError("stopped before its time was over: nothing is recorded")
    curve = reports.read_metrics(Path(settings.run_dir) / "metrics.csv").get(evaluation.name, [])
    final = evaluation.score(outcome.generator)
    return {
        "metric": evaluation.name,
        "untouched": evaluation.untouched,
        "steps": outcome.step,
        "curve": [*curve, (settings.max_minutes, final)],
    }


def _open(settings: Any) -> tuple[Any, Any]:
    """What all train on, and what judges them."""
    from style_gan_tf.training.evaluation import open_evaluation
    from style_gan_tf.training.reading import open_data, read_data

    data = read_data(settings, open_data(settings))
    evaluation = open_evaluation(data.judged, settings)
    if evaluation is None:
        raise UsageError("--eval_every=0: nothing would be measured")
    return data, evaluation


def _peer(name: str, values: Any, settings: Any) -> dict[str, Any]:
    """CycleGAN in PyTorch, on our pipeline's batches of one."""
    import torch

    from benchmarks import peers
    from benchmarks.peers.cyclegan import CycleGan

    _, evaluation = _open(settings)
    batches = _peer_batches(settings)
    setting = peers.REFERENCE if name == FLOAT32 else _best_setting(next(batches))
    torch.manual_seed(settings.seed)
    rival = CycleGan(setting)

    def stylize(picture: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), setting.autocast():
            given = setting.place(torch.from_numpy(picture[np.newaxis].transpose(0, 3, 1, 2)))
            return rival.there(given).float().numpy()[0].transpose(1, 2, 0)

    def measure() -> float:
        return evaluation.compare(np.stack([stylize(photo) for photo in evaluation.content]))

    def step() -> None:
        content, style = (
            setting.place(torch.from_numpy(part.transpose(0, 3, 1, 2))) for part in next(batches)
        )
        rival.step(content, style)

    curve, steps = run_for(step, measure, values.minutes, values.measure_minutes)
    return {
        "metric": evaluation.name,
        "untouched": evaluation.untouched,
        "steps": steps,
        "curve": curve,
        "setting": str(setting),
    }


def run_for(
    step: Callable[[], object],
    measure: Callable[[], float],
    minutes: float,
    between: float,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[list[tuple[float, float]], int]:
    """Step until the time is over, measuring now and then and at the end.

    Returns:
        (minutes, figure) of each measurement, whose own time does not count; the steps.
    """
    begin, steps, curve = clock(), 0, []
    due = between
    while (passed := (clock() - begin) / 60) < minutes:
        if between and passed >= due:
            stopped = clock()
            curve.append((passed, measure()))
            begin += clock() - stopped
            print(f"{passed:.1f} minutes, {steps} steps: {curve[-1][1]:.1f}", flush=True)
            due += between
            continue
        step()
        steps += 1
    curve.append((minutes, measure()))
    return curve, steps


def _peer_batches(settings: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of one content and one style image, prepared as CycleGAN's code does."""
    from style_gan_tf import data

    augmentation = data.Augmentation(crop=settings.crop, load_size=round(settings.crop * _LOAD))
    streams = {
        name: data.batches(
            data.split(data.validate(data.open_source(spec), augmentation), "train"),
            augmentation,
            batch_size=1,
            seed=seed,
            cache=True,
        )
        for name, spec, seed in (
            ("content", settings.content_data, settings.seed),
            ("style", settings.style_data, data.style_seed(settings.seed)),
        )
    }
    for batch in data.side_by_side(streams):
        # Copies: PyTorch warns of arrays that it may not write.
        yield np.array(batch["content"]), np.array(batch["style"])


def _best_setting(batch: tuple[np.ndarray, np.ndarray]) -> Any:
    """PyTorch's fastest setting for this step on this machine."""
    import torch

    from benchmarks import peers
    from benchmarks.peers.cyclegan import CycleGan

    def make(setting: Any) -> Callable[[], object]:
        rival = CycleGan(setting)
        content, style = (
            setting.place(torch.from_numpy(part.transpose(0, 3, 1, 2))) for part in batch
        )
        return lambda: rival.step(content, style)

    return peers.fastest(make, alternating.has_bfloat16(alternating.machine()))


def report(output: Path) -> None:
    """Print the figures that lie in the folder and draw their curves there."""
    from style_gan_tf.reports import draw_curves

    found = {
        name: json.loads((output / f"{name}.json").read_text(encoding="utf-8"))
        for name in (OURS, FLOAT32, BEST)
        if (output / f"{name}.json").exists()
    }
    minutes = sorted({round(minute) for f in found.values() for minute, _ in f["curve"]})
    metrics = {figures["metric"] for figures in found.values()}
    if len(metrics) > 1:
        names = " and ".join(sorted(metrics))
        raise UserError(f"{output}: measured by {names}: cannot be compared")
    (metric,) = metrics
    print(f"{metric}, the last figure up to each minute")
    print("minutes".ljust(18) + "".join(f"{minute:>8}" for minute in minutes))
    for name, figures in found.items():
        cells = []
        for minute in minutes:
            values = [value for at, value in figures["curve"] if round(at) <= minute]
            cells.append(f"{values[-1]:8.0f}" if values else " " * 8)
        print(name.ljust(18) + "".join(cells) + f"   {figures['steps']} steps")
    lines = {name: figures["curve"] for name, figures in found.items()}
    style = "<style>polyline{fill:none;stroke-width:1.6}line{stroke:#888}text{font:11px sans-serif}"
    drawing = draw_curves(metric, lines).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '
    )
    drawing = drawing.replace("</svg>", f"{style}.end{{text-anchor:end}}</style></svg>")
    (output / "curves.svg").write_text(drawing, encoding="utf-8")
    if OURS in found:
        ours = found[OURS]["curve"][-1][1]
        for name in found.keys() - {OURS}:
            theirs = [value for _, value in found[name]["curve"]]
            print(
                f"ratio: ours ends at {ours / theirs[-1]:.2f} of {name}'s, "
                f"{ours / min(theirs):.2f} of its best"
            )


if __name__ == "__main__":
    given = sys.argv[1:]
    if not any(argument.lstrip("-").startswith("flagfile") for argument in given):
        given = [_FLAGFILE, *given]
    sys.exit(command_line.run("benchmarks.quality", __doc__ or "", define_flags, main, given))
