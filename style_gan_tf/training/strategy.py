"""Which devices a run trains on, and how its workers find each other."""

import json
import os
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError


def make_strategy() -> Any:
    """All GPUs of this machine, or its one CPU; several machines where `TF_CONFIG` is set.

    Logical CPU devices count as devices where there is no GPU, so that tests can have several.

    Raises:
        UsageError: When `TF_CONFIG` is not what TensorFlow expects.
    """
    if config := os.environ.get("TF_CONFIG"):
        try:
            cluster = json.loads(config)["cluster"]
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                'TF_CONFIG: expected {"cluster": {"worker": ["host:port", ...]}, '
                '"task": {"type": "worker", "index": 0}} as JSON'
            ) from None
        if sum(len(hosts) for hosts in cluster.values()) > 1:
            return tf.distribute.MultiWorkerMirroredStrategy()
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    return tf.distribute.MirroredStrategy(
        [device.name for device in tf.config.list_logical_devices(kind)]
    )


def is_chief(strategy: Any) -> bool:
    """Whether this process writes the run folder: the first worker, or the only one."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_id == 0


def worker_positions(strategy: Any, batch_size: int) -> range:
    """The positions of the global batch that this process reads.

    Raises:
        UsageError: When the batch does not divide among the replicas.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise UsageError(f"--batch_size={batch_size}: must be a multiple of the {replicas} devices")
    worker, workers = _place(strategy)
    share = batch_size // workers
    return range(worker * share, (worker + 1) * share)


def worker_count(strategy: Any) -> int:
    """How many processes train together."""
    return _place(strategy)[1]


def _place(strategy: Any) -> tuple[int, int]:
    """This worker's index and the number of workers."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return 0, 1
    return resolver.task_id, len(resolver.cluster_spec().as_dict()["worker"])
