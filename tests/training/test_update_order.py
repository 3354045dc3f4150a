"""No weight is updated before everything that reads it in the step has read it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow.core.framework.graph_pb2 import GraphDef

from style_gan_tf.objectives import OBJECTIVES

_SCRIPT = Path(__file__).with_name("distributed.py")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_updates_wait_for_reads(objective: str, tmp_path: Path) -> None:
    graph = _optimized_step(objective, tmp_path)
    reads, updates, before = _order(graph)
    pairs = [
        (read, update)
        for variable in updates
        for read in reads.get(variable, [])
        for update in updates[variable]
    ]
    assert len(pairs) > 50
    unordered = [
        (read, update)
        for read, update in pairs
        if read not in before[update] and update not in before[read]
    ]
    assert not unordered


def _optimized_step(objective: str, folder: Path) -> GraphDef:
    """The graph of the training step as TensorFlow runs it, after its own optimizers."""
    subprocess.run(
        [sys.executable, _SCRIPT, objective, "1", folder / "out.npz"],
        env=os.environ
        | {"TF_DUMP_GRAPH_PREFIX": str(folder), "TF_CPP_VMODULE": "meta_optimizer=4"},
        check=True,
        capture_output=True,
    )
    # One file a function and pass; the training step is the largest of those after all passes.
    final = [
        path
        for path in folder.glob("after_MetaOptimizer_*.pbtxt")
        if "iteration" not in path.name
    ]  # fmt: skip
    graph = GraphDef()
    largest = max(final, key=lambda path: path.stat().st_size)
    text_format.Parse(largest.read_text(), graph)
    return graph


def _order(
    graph: GraphDef,
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, set[str]]]:
    """Reads and updates by variable, and the nodes that come before each node."""
    nodes = {node.name: node for node in graph.node}
    inputs = {name: [_name(i) for i in node.input] for name, node in nodes.items()}
    before: dict[str, set[str]] = {}
    waiting = list(nodes)
    while waiting:
        name = waiting[-1]
        if missing := [i for i in inputs[name] if i not in before]:
            waiting += missing
            continue
        waiting.pop()
        before.setdefault(name, set(inputs[name]).union(*(before[i] for i in inputs[name])))

    def variable(handle: str) -> str:
        return variable(inputs[handle][0]) if nodes[handle].op == "Identity" else handle

    reads: dict[str, list[str]] = {}
    updates: dict[str, list[str]] = {}
    for name, node in nodes.items():
        if node.op == "ReadVariableOp" or node.op.startswith("ResourceGather"):
            reads.setdefault(variable(inputs[name][0]), []).append(name)
        elif node.op.startswith("Assign"):
            updates.setdefault(variable(inputs[name][0]), []).append(name)
        elif node.op == "ResourceApplyAdam":
            for handle in inputs[name][:3]:
                updates.setdefault(variable(handle), []).append(name)
    return reads, updates, before


def _name(edge: str) -> str:
    return edge.removeprefix("^").split(":")[0]
