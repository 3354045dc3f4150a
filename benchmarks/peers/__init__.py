"""What ours is compared with: the same jobs, written plainly in PyTorch."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import torch


@dataclasses.dataclass(frozen=True)
class Setting:
    """How PyTorch computes.

    Attributes:
        bfloat16: Convolutions in bfloat16, by autocast.
        channels_last: Maps and kernels lie in memory as NHWC.
    """

    bfloat16: bool = False
    channels_last: bool = False

    def __str__(self) -> str:
        number = "bfloat16 autocast" if self.bfloat16 else "float32"
        return f"{number}, channels_last" if self.channels_last else number

    def place(self, tensor_or_module: Any) -> Any:
        """The tensor or module in this setting's memory layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return tensor_or_module.to(memory_format=layout)

    def autocast(self) -> Any:
        """The context that forward passes run in."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16)


REFERENCE = Setting()
"""As the published code runs on a CPU."""

SETTINGS = (
    REFERENCE,
    Setting(channels_last=True),
    Setting(bfloat16=True),
    Setting(bfloat16=True, channels_last=True),
)

_TRIES = 2


def fastest(make: Callable[[Setting], Callable[[], object]], bfloat16: bool) -> Setting:
    """Try the settings on a job and name the fastest.

    Args:
        make: Makes the job in a setting; a smaller one than what is timed in the end.
        bfloat16: Whether the CPU has instructions for it. Where it has none, PyTorch's bfloat16
            is not tried: it took 7 to 97 times as long as float32.
    """
    settings = [setting for setting in SETTINGS if bfloat16 or not setting.bfloat16]
    jobs = {setting: make(setting) for setting in settings}
    durations = dict.fromkeys(settings, float("inf"))
    for number in range(1 + _TRIES):
        for setting, job in jobs.items():
            start = time.perf_counter()
            job()
            if number:  # The first fills allocators and packs kernels.
                durations[setting] = min(durations[setting], time.perf_counter() - start)
    told = "; ".join(f"{setting} {seconds:.3f} s" for setting, seconds in durations.items())
    print(f"PyTorch's settings, tried: {told}")
    return min(durations, key=lambda setting: durations[setting])
