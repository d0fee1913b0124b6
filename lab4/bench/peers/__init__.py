"""Others who time the same model files, one file each: what they are run with, what they say, what their clock holds.

Knows: their options and their output. Does not know: whose figure is right.
"""

from lab4.bench.peers.peer import Peer, Task
from lab4.domain.registry import Registry

__all__ = ["PEERS", "Peer", "Task"]

#: In the order of the rows.
PEERS: Registry[Peer] = Registry(
    "peer",
    {
        "bare loop": "lab4.bench.peers.bare_loop:BARE_LOOP",
        "bare loop (CompiledModel)": "lab4.bench.peers.bare_loop:COMPILED_MODEL",
        "litert-benchmark": "lab4.bench.peers.litert_benchmark:LITERT_BENCHMARK",
        "onnxruntime_test": "lab4.bench.peers.onnxruntime_test:ONNXRUNTIME_TEST",
    },
)
