"""How much memory there is to work with."""

from pathlib import Path

from style_gan_tf.errors import UserError

_UNKNOWN = 4 * 2**30  # bytes, where the system does not tell


class OutOfMemory(UserError):
    """The device has too little memory for the pictures at hand; smaller ones may pass."""


def free_memory(
    meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")
) -> int:
    """Bytes that can be had without swapping: the machine's, or the container's if less.

    Args:
        meminfo: Linux's account of memory.
        cgroup: The control group (version 2) of this process.
    """
    limits = [_machine(meminfo), _container(cgroup)]
    return min((limit for limit in limits if limit is not None), default=_UNKNOWN)


def _machine(meminfo: Path) -> int | None:
    for line in _read(meminfo).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _container(cgroup: Path) -> int | None:
    limit, used = (_read(cgroup / name).strip() for name in ("memory.max", "memory.current"))
    return max(int(limit) - int(used), 0) if limit.isdigit() and used.isdigit() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # Not Linux, or no container.
        return ""
