"""A server under load: many clients, good, corrupt, huge and cut-off requests mixed.

    python -m benchmarks.serving_load --clients=64 --seconds=60

Starts `python -m style_gan_tf.serve` and checks that every good request that it accepts is answered
with the right picture, that every other one is told why, that its memory does not grow, that it
answers as before when it is over, and that it ends when asked to. Prints the times of the good
requests; the exit status is 1 where something was wrong.
"""

import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from absl import flags

from benchmarks import alternating
from benchmarks.load_clients import PREDICT, Client, Sample, Tally, is_right, samples
from benchmarks.server_process import ServerProcess, find_versions, serving
from style_gan_tf import command_line
from style_gan_tf.inference.naming import versions

_BODY_MIB = 8
_MAY_GROW = (1.1, 64 * 2**20)  # memory: by this factor or so many bytes, whichever is more
_JUDGED_FROM = 20.0  # seconds: before that allocators are still filling


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_integer("clients", 64, "Clients at once.", 1, flag_values=values)
    flags.DEFINE_float("seconds", 60.0, "How long they send.", 0.1, flag_values=values)
    flags.DEFINE_integer("max_queue", 32, "Of the server.", 0, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of the clients' choices.", flag_values=values)
    flags.DEFINE_string(
        "model_base_path",
        "",
        "A folder of exported versions; default: a small generator with random weights.",
        flag_values=values,
    )


def main(values: flags.FlagValues) -> int:
    """Load a server and judge it."""
    command_line.load_tensorflow()
    print(alternating.describe(alternating.machine()))
    with tempfile.TemporaryDirectory() as made:
        base_path = find_versions(values.model_base_path, Path(made), filters=16, n_blocks=2)
        good = samples(_directly(base_path))
        server_flags = (f"--max_queue={values.max_queue}", f"--max_body_mib={_BODY_MIB}")
        with serving(base_path, *server_flags) as server:
            faults = _judge(values, server, good)
    for fault in faults[:20]:
        print(f"wrong: {fault}")
    print(f"{len(faults)} wrong" if faults else "all right")
    return 1 if faults else 0


def _judge(values: flags.FlagValues, server: ServerProcess, good: list[Sample]) -> list[str]:
    """Everything that was not as it should be."""
    faults = _answers_normally(server, good, "before")
    tally, memory = Tally(), list[int]()
    began = time.monotonic()
    clients = [
        Client((server.host, server.port), good, tally, began + values.seconds,
               values.seed + number, _BODY_MIB * 2**20)
        for number in range(values.clients)
    ]  # fmt: skip
    watcher = threading.Thread(target=_watch, args=(server, memory, began + values.seconds))
    for thread in (watcher, *clients):
        thread.start()
    for thread in (watcher, *clients):
        thread.join(values.seconds + 120.0)
        if thread.is_alive():
            faults.append("a client still waits for its answer after two minutes")
    _print(tally, values)
    faults += tally.wrong + _judge_memory(memory, values.seconds)
    if not tally.seconds:
        faults.append("no good request was answered")
    faults += _answers_normally(server, good, "afterwards")
    if server.stop() != 0:
        faults.append(f"the server ended with status {server.exit_status}")
    return faults


def _directly(base_path: Path) -> Callable[[bytes], bytes]:
    """The model's own answer, from TensorFlow in this process."""
    import tensorflow as tf

    found = versions(base_path)
    model = tf.saved_model.load(str(found[max(found)]))

    def stylize(data: bytes) -> bytes:
        answer = model.signatures["serve_bytes"](image_bytes=tf.constant([data]))
        return answer["stylized_image_bytes"].numpy()[0]

    return stylize


def _answers_normally(server: ServerProcess, good: list[Sample], when: str) -> list[str]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    faults = []
    for sample in good:
        connection.request("POST", PREDICT, sample.body)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200 or not is_right(answer, sample, set()):
            faults.append(f"{when}: status {response.status}: {answer[:200]!r}")
    connection.close()
    return faults


def _watch(server: ServerProcess, memory: list[int], until: float) -> None:
    while time.monotonic() < until:
        memory.append(server.resident_bytes())
        time.sleep(0.25)


def _print(tally: Tally, values: flags.FlagValues) -> None:
    print(f"{values.clients} clients, {values.seconds:g} s")
    for (kind, outcome), count in sorted(tally.counts.items()):
        print(f"  {kind:8} {outcome:>5} {count:7}")
    if len(tally.seconds) > 1:
        cuts = statistics.quantiles(tally.seconds, n=100, method="inclusive")
        rate = len(tally.seconds) / values.seconds
        print(
            f"good requests answered: {rate:.1f} a second, p50 {cuts[49] * 1e3:.0f} ms, "
            f"p99 {cuts[98] * 1e3:.0f} ms"
        )


def _judge_memory(memory: list[int], seconds: float) -> list[str]:
    """Between the second quarter of the time and the last it must not grow."""
    quarter = len(memory) // 4
    if not quarter:
        return []
    early = statistics.median(memory[quarter : 2 * quarter])
    late = statistics.median(memory[-quarter:])
    told = f"memory: {early / 2**20:.0f} MiB in the second quarter, {late / 2**20:.0f} in the last"
    print(f"{told}, {max(memory) / 2**20:.0f} at most")
    factor, least = _MAY_GROW
    grown = late > max(early * factor, early + least)
    return [told] if grown and seconds >= _JUDGED_FROM else []


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.serving_load", __doc__ or "", define_flags, main))
