"""The models that are served: which versions, loaded when they appear, unloaded when idle."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from style_gan_tf.inference.naming import SAVED_MODEL_FILE, versions
from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.rest.api import VersionStatus
from style_gan_tf.serving.rest.errors import RestError, invalid

_RETRY_SECONDS = 60.0  # after a load that failed, as TF Serving waits


@dataclass
class _Version:
    """One version: in memory where `servable` is set.

    Attributes:
        files: What its folder held when it was last looked at, see `_fingerprint`.
        users: Calls that are using it.
    """

    path: Path
    files: Any
    state: str = "START"
    code: str = "OK"
    message: str = ""
    servable: Any = None
    users: int = 0
    failed_at: float = 0.0


class ModelManager:
    """Keeps the versions in memory that the configuration and the disk ask for.

    A new version is loaded, warmed up and only then takes the calls of the one before, which is
    unloaded when its last call is done. A version that cannot be loaded leaves the others as they
    are, and is tried again when its files change, or after a minute. A folder that loses all its
    versions goes on being served from memory.

    Args:
        configs: The models.
        load: From a version's folder to what answers its calls (`Servable`).
        say: Told, in a line, what was loaded, unloaded or failed.
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        load: Callable[[Path], Any],
        say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),
    ) -> None:
        self._load = load
        self._say = say
        self._lock = threading.Lock()
        self._configs = {config.name: config for config in configs}
        self._models: dict[str, dict[int, _Version]] = {config.name: {} for config in configs}
        self._told_missing: dict[str, str] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def watch(
        self,
        seconds: float,
        reread: Callable[[], Sequence[ModelConfig] | None] = lambda: None,
    ) -> None:
        """Look at the disk every so many seconds, in a thread of its own.

        Args:
            seconds: Between two looks.
            reread: Gives the models anew where their configuration has changed, else None.
        """

        def run() -> None:
            while not self._stopping.wait(seconds):
                try:
                    changed = reread()
                    if changed is not None:
                        self._configure(changed)
                    self.look()
                except Exception as error:  # A watcher that dies would never be missed.
                    self._say(f"looking for new versions failed: {type(error).__name__}: {error}")

        self._watcher = threading.Thread(target=run, name="model watcher", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the watching; what is loaded stays until the process ends."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5.0)

    def look(self, at_once: bool = False) -> None:
        """Look at the disk, load what is new and unload what is no longer wanted.

        Args:
            at_once: Load new versions now; else when their files have not changed between two
                looks, because someone may be copying them.
        """
        for config in list(self._configs.values()):
            present = {
                number: path
                for number, path in versions(config.base_path).items()
                if (path / SAVED_MODEL_FILE).is_file()
            }
            self._tell_missing(config, set(present))
            if not present:
                continue
            wanted = config.choose(present)
            for number in sorted(wanted, reverse=True):
                self._bring(config.name, number, present[number], at_once)
            self._let_go(config.name, wanted, present)

    @contextmanager
    def use(self, name: str, version: int | None, label: str | None) -> Iterator[tuple[Any, int]]:
        """See `Models.use`."""
        with self._lock:
            number, entry = self._find(name, version, label)
            entry.users += 1
        try:
            yield entry.servable, number
        finally:
            with self._lock:
                entry.users -= 1
                idle = entry.state == "UNLOADING" and entry.users == 0
            if idle:
                self._close(name, number, entry)

    def statuses(self, name: str, version: int | None, label: str | None) -> list[VersionStatus]:
        """See `Models.statuses`."""
        with self._lock:
            wanted = self._labelled(name, label) if label is not None else version
            entries = self._models.get(name, {})
            if not entries:
                raise RestError("NOT_FOUND", f"Could not find any versions of model {name}")
            if wanted is not None and wanted not in entries:
                raise RestError("NOT_FOUND", f"Could not find version {wanted} of model {name}")
            return [
                VersionStatus(number, entry.state, entry.code, entry.message)
                for number, entry in sorted(entries.items(), reverse=True)
                if wanted in (None, number)
            ]

    def describe(self) -> list[tuple[str, int, Path]]:
        """Name, latest version and its folder of every model that is available, by name."""
        with self._lock:
            latest = [(name, max(self._available(name), default=0)) for name in self._models]
            return [
                (name, number, self._models[name][number].path)
                for name, number in sorted(latest)
                if number in self._available(name)
            ]

    def names(self) -> set[str]:
        """Of all models that are configured."""
        return set(self._configs)

    def _find(self, name: str, version: int | None, label: str | None) -> tuple[int, _Version]:
        if label is not None:
            version = self._labelled(name, label)
        available = self._available(name)
        if version is None:
            version = max(available, default=None)
            if version is None:
                raise RestError("NOT_FOUND", f"Servable not found for request: Latest({name})")
        if version not in available:
            raise RestError(
                "NOT_FOUND", f"Servable not found for request: Specific({name}, {version})"
            )
        return version, available[version]

    def _available(self, name: str) -> dict[int, _Version]:
        entries = self._models.get(name, {})
        return {number: entry for number, entry in entries.items() if entry.state == "AVAILABLE"}

    def _labelled(self, name: str, label: str) -> int:
        config = self._configs.get(name)
        if config is None or label not in config.labels:
            raise invalid(f"Unrecognized servable version label: {label}")
        return config.labels[label]

    def _configure(self, configs: Sequence[ModelConfig]) -> None:
        """Take a new configuration: labels count at once, versions at the next look."""
        with self._lock:
            before, self._configs = self._configs, {}
            for config in configs:
                self._models.setdefault(config.name, {})
                served = before.get(config.name, config).base_path
                if served != config.base_path:
                    self._say(f"{config.name}: a new base_path counts after a restart")
                self._configs[config.name] = replace(config, base_path=served)
        for name in set(self._models) - set(self._configs):
            self._let_go(name, set(), {})

    def _bring(self, name: str, number: int, path: Path, at_once: bool) -> None:
        """Load a version, unless it is there, is still being copied or has just failed."""
        files = _fingerprint(path)
        with self._lock:
            entry = self._models[name].setdefault(number, _Version(path, None))
            unchanged, entry.files = entry.files == files, files
            if entry.state in ("LOADING", "AVAILABLE", "UNLOADING"):
                return
            waited = time.monotonic() - entry.failed_at > _RETRY_SECONDS
            if not at_once and not (unchanged and (entry.code == "OK" or waited)):
                if not unchanged:  # A failed version whose files change is a new one.
                    entry.state, entry.code, entry.message = "START", "OK", ""
                return
            entry.state = "LOADING"
        self._say(f"{name} version {number}: loading and warming up")
        began = time.monotonic()
        try:
            servable = self._load(path)
        except RestError as error:
            with self._lock:
                entry.state, entry.code, entry.message = "END", error.code, str(error)
                entry.failed_at = time.monotonic()
            self._say(f"{name} version {number} cannot be loaded: {error}")
            return
        with self._lock:
            entry.servable, entry.state, entry.code, entry.message = servable, "AVAILABLE", "OK", ""
        self._say(f"{name} version {number} loaded in {time.monotonic() - began:.1f} s")

    def _let_go(self, name: str, wanted: set[int], present: dict[int, Path]) -> None:
        """Unload the versions that are not wanted, once one that is wanted can answer."""
        idle = []
        with self._lock:
            entries = self._models[name]
            if wanted and not wanted & set(self._available(name)):
                return
            for number, entry in list(entries.items()):
                if number in wanted:
                    continue
                if entry.state == "AVAILABLE":
                    entry.state = "UNLOADING"
                    if entry.users == 0:
                        idle.append((number, entry))
                elif entry.state in ("START", "END") and number not in present:
                    del entries[number]
        for number, entry in idle:
            self._close(name, number, entry)

    def _close(self, name: str, number: int, entry: _Version) -> None:
        with self._lock:
            servable, entry.servable, entry.state = entry.servable, None, "END"
        if servable is not None:
            servable.close()
            self._say(f"{name} version {number} unloaded")

    def _tell_missing(self, config: ModelConfig, present: set[int]) -> None:
        missing = ", ".join(map(str, sorted(config.specific - present)))
        told = ""
        if not present:
            told = f"{config.name}: no version in {config.base_path} (a folder such as 1/)"
        elif missing:
            told = f"{config.name}: not in {config.base_path}: version {missing}"
        if told and self._told_missing.get(config.name) != told:
            self._say(told)
        self._told_missing[config.name] = told


def _fingerprint(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of each file of a version: while it is being copied they change."""
    found = []
    for file in sorted(path.rglob("*")):
        try:
            facts = file.stat()
        except OSError:
            continue
        found.append((str(file.relative_to(path)), facts.st_size, facts.st_mtime_ns))
    return tuple(found)
