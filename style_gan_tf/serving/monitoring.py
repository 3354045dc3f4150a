"""What the server counts, as Prometheus reads it, under the names that TF Serving gives it."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# Microseconds: 1 ms, 2 ms, 4 ms, ... 131 s.
_BOUNDS = tuple(1000 * 2**power for power in range(18))


@dataclass
class _Histogram:
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    total: float = 0.0

    def add(self, microseconds: float) -> None:
        place = next((i for i, bound in enumerate(_BOUNDS) if microseconds <= bound), -1)
        self.buckets[place] += 1
        self.total += microseconds


class Monitor:
    """Counts requests, rejections and times.

    Args:
        gauges: Name -> what gives its value now.
    """

    def __init__(self, gauges: dict[str, Callable[[], float]] | None = None) -> None:
        self._gauges = gauges or {}
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._rejected: Counter[str] = Counter()
        self._times: dict[tuple[str, str], _Histogram] = {}

    def count_request(self, model: str, code: str, seconds: float) -> None:
        """A request that was answered: its model, its status code, and how long it took in all."""
        with self._lock:
            self._requests[model, code] += 1
            self._times.setdefault(("request_latency", model), _Histogram()).add(seconds * 1e6)

    def count_run(self, model: str, seconds: float) -> None:
        """A run of a model."""
        with self._lock:
            self._times.setdefault(("runtime_latency", model), _Histogram()).add(seconds * 1e6)

    def count_rejected(self, reason: str) -> None:
        """A request that was turned away before it reached a model."""
        with self._lock:
            self._rejected[reason] += 1

    def page(self) -> bytes:
        """All of it in Prometheus's text format, version 0.0.4."""
        with self._lock:
            lines = ["# TYPE :tensorflow:serving:request_count counter"]
            for (model, code), count in sorted(self._requests.items()):
                labels = f'model_name="{_escape(model)}",status="{code}"'
                lines.append(f":tensorflow:serving:request_count{{{labels}}} {count}")
            for metric, extra in (
                ("request_latency", 'API="predict",entrypoint="REST"'),
                ("runtime_latency", 'API="predict",runtime="TF1"'),
            ):
                name = f":tensorflow:serving:{metric}"
                lines.append(f"# TYPE {name} histogram")
                for (kind, model), histogram in sorted(self._times.items()):
                    if kind == metric:
                        labels = f'model_name="{_escape(model)}",{extra}'
                        lines += _histogram_lines(name, labels, histogram)
            lines.append("# TYPE :style_gan_tf:serving:rejected_count counter")
            for reason, count in sorted(self._rejected.items()):
                lines.append(f':style_gan_tf:serving:rejected_count{{reason="{reason}"}} {count}')
        for gauge, value in self._gauges.items():
            lines.append(f"# TYPE :style_gan_tf:serving:{gauge} gauge")
            lines.append(f":style_gan_tf:serving:{gauge} {value():g}")
        return ("\n".join(lines) + "\n").encode()


def _histogram_lines(name: str, labels: str, histogram: _Histogram) -> list[str]:
    lines, below = [], 0
    for bound, count in zip((*_BOUNDS, "+Inf"), histogram.buckets, strict=True):
        below += count
        lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {below}')
    return [
        *lines,
        f"{name}_sum{{{labels}}} {histogram.total:.0f}",
        f"{name}_count{{{labels}}} {below}",
    ]


def _escape(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
