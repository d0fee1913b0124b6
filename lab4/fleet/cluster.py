"""The one door to Ray: connects, starts tasks on nodes, and turns what goes wrong into sentences."""

import os
import platform
import socket
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lab4 import __version__
from lab4.domain.errors import Lab4Error, UnavailableError, in_words
from lab4.fleet import node as on_node
from lab4.fleet.facts import ClusterNode
from lab4.fleet.orders import Built, Ended, Lines, RunOrder
from lab4.interrupts import keeping_handlers

#: What Ray is started with here: no reports to its makers, no metrics, nothing on standard error that this command
#: does not say itself, and the priority of any other program.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_worker_niceness": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
#: What of the project no node needs.
_LEFT_BEHIND = [
    *(".git", ".venv", ".tox", "node_modules", "__pycache__", ".benchmarks", "*.sqlite*"),
    *("lab4-results", "lab4-fleet", "lab4-class", ".lab4-cache"),
]
#: How long a cluster may take to answer, in seconds.
_ANSWER_S = 10.0
#: Ray's own bookkeeping of a task that ran on a node that died: it is built again elsewhere.
_BUILD_RETRIES = 3
#: With the head all of the cluster is gone; any other node may die.
_ON_HEAD = {"node:__internal_head__": 0.001}
#: Each node has its name in the cluster as the label of this name.
_NODE_LABEL = "ray.io/node-id"
#: The question that any head answers; and what other servers say to it, or their silence.
_IS_HEAD = "/ray.rpc.NodeInfoGcsService/CheckAlive"
_NO_HEAD = ("UNIMPLEMENTED", "UNAVAILABLE", "DEADLINE_EXCEEDED")
#: What took a task along, by the names of Ray's exceptions, whose own words are about Ray's parts.
_LOST = {
    "NodeDiedError": "its node is down, or cannot be reached",
    "LocalRayletDiedError": "Ray has ended on its node",
    "WorkerCrashedError": "its process was killed, or crashed",
    "OutOfMemoryError": "its node has no free memory",
    "OutOfDiskError": "its node has no room on the disk",
    "ObjectStoreFullError": "its node has no room for what it needs",
    "ObjectLostError": "what it needs was lost with another node",
    "TaskUnschedulableError": "its node has left the cluster",
}
#: How many messages of nodes wait for the driver; then nodes wait.
_MOST_MESSAGES = 10_000

Ref = Any  # Ray's types differ between a driver in the cluster and one outside


class LostError(Lab4Error):
    """A task has no result, since its node or process died."""


class FailedError(LostError):
    """A task has no result, since it raised: its own sentence."""


class Cluster:
    """A connection to Ray; `connected` makes one.

    ``folder`` is where pytest runs on nodes, where that is known; ``queue`` is where runs put lines for `messages`.
    """

    def __init__(self, folder: str) -> None:
        from ray.util.queue import Queue

        self.folder = folder
        self.queue = Queue(maxsize=_MOST_MESSAGES, actor_options={"num_cpus": 0, "resources": _ON_HEAD})

    def nodes(self) -> list[ClusterNode]:
        """The nodes that are up; raises `UnavailableError` where the cluster does not answer any more."""
        import ray

        with answering():
            found = [each for each in ray.nodes() if each["Alive"]]
        return [
            ClusterNode(
                each["NodeID"],
                each["NodeManagerHostname"],
                each["Resources"].get("CPU", 0.0),
                each["Resources"].get("GPU", 0.0),
            )
            for each in found
        ]

    def ask_for_facts(self, node: ClusterNode) -> Ref:
        """Start what returns the node's `NodeFacts`, or its Python and lab4, as texts, where those are not ours."""
        return self.ask(node, facts_of(platform.python_version(), __version__))

    def ask(self, node: ClusterNode, function: Callable[..., object], *arguments: object) -> Ref:
        """Start a short task on a node, next to whatever runs there."""
        return self._started(function, arguments, num_cpus=0, max_retries=1, scheduling_strategy=_only(node))

    def build(
        self, order: RunOrder, before: Sequence[tuple[Ref, Ref]], without: Collection[str] = ()
    ) -> tuple[Ref, Ref]:
        """Start a build that begins with the results of others, wherever there is room but on the nodes ``without``."""
        parts = [ref for pair in before for ref in pair]
        options = {"num_cpus": 1, "num_returns": 2, "max_retries": _BUILD_RETRIES, "scheduling_strategy": "SPREAD"}
        elsewhere = {"label_selector": {_NODE_LABEL: f"!in({','.join(sorted(without))})"}} if without else {}
        first, second = self._started(_build, (order, *parts), **options, **elsewhere)
        return first, second

    def measure(self, node: ClusterNode, order: RunOrder, entries: Sequence[tuple[Ref, Ref]]) -> Ref:
        """Start a run on a node that has all of its processors and GPUs, so that no other task of Ray runs there."""
        parts = [ref for pair in entries for ref in pair]
        return self._started(_measure, (order, self.queue, *parts), **measuring_options(node))

    def _started(self, function: Callable[..., object], arguments: Sequence[object], **options: object) -> Any:  # noqa: ANN401  # one ref, or a list
        import ray

        with answering():
            return ray.remote(function).options(**options).remote(*arguments)

    def kept(self, value: object) -> Ref:
        """A value that tasks may have as an argument, in this machine's memory of the cluster."""
        import ray

        with answering():
            return ray.put(value)

    def ended(self, refs: Sequence[Ref], limit_s: float) -> list[Ref]:
        """Those that have ended, after so many seconds at most."""
        import ray

        with answering():
            return list(ray.wait(list(refs), num_returns=len(refs), timeout=limit_s)[0]) if refs else []

    def value(self, ref: Ref) -> Any:  # noqa: ANN401  # whatever the task returns
        """The result of a task; raises `FailedError` where it raised, and `LostError` where it died."""
        import ray
        from ray.exceptions import RayTaskError

        try:
            with answering():
                return ray.get(ref)
        except RayTaskError as error:
            raise FailedError(_cause(error.cause)) from None

    def messages(self) -> list[Lines]:
        """The messages that have come since the last call, in order."""
        with answering():
            count = self.queue.size()
            return list(self.queue.get_nowait_batch(count)) if count else []


def facts_of(python: str, lab4: str) -> Callable[[], object]:
    """What a node runs for `Cluster.ask_for_facts`.

    It is sent as code, since it is defined in a function: that of a module is sent by its name, which the lab4 of a
    node may not have.
    """

    def facts() -> object:
        import platform

        try:
            from lab4 import __version__
        except ImportError:
            __version__ = ""
        if (platform.python_version_tuple()[:2], __version__) != (tuple(python.split(".")[:2]), lab4):
            return platform.python_version(), __version__
        from lab4.fleet import node

        return node.facts()

    return facts


def measuring_options(node: ClusterNode) -> dict[str, Any]:
    """What a run is started with: it has all processors and GPUs of its node, so that no other task runs there."""
    return {"num_cpus": node.cpus, "num_gpus": node.gpus, "max_retries": 0, "scheduling_strategy": _only(node)}


def require_ray() -> None:
    """Raise `UnavailableError` where Ray is not installed."""
    if find_spec("ray") is None:
        raise UnavailableError("a fleet needs Ray, which is not installed; run: pip install 'lab4[fleet]'")


@contextmanager
def connected(address: str | None, project: Path) -> Iterator[Cluster]:
    """Connect to a cluster, or start one on this machine where no address is given.

    The files of ``project`` are unpacked on each node of a cluster. Raises `UnavailableError` where Ray is not
    installed, or the cluster does not answer or is of another version.
    """
    os.environ.update({name: value for name, value in _SETTINGS.items() if name not in os.environ})
    require_ray()
    import ray

    if address is not None:
        _require_answer(address)
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "namespace": "lab4"}
    try:
        with _silent(), keeping_handlers():  # Ray's own ends the process at once
            if address is None:
                ray.init(address="local", include_dashboard=False, **quiet)  # and none that is there
            else:
                shipped = {"working_dir": str(project), "excludes": _LEFT_BEHIND}
                ray.init(address=address, runtime_env=shipped, **quiet)
    except Exception as error:  # noqa: BLE001  # Ray raises whatever its parts raise
        with suppress(Exception):
            ray.shutdown()
        raise UnavailableError(_refusal(address, project, error)) from None
    try:
        # A thread of Ray prints there what nodes of the cluster log.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield Cluster(str(project) if address is None else "")
    finally:
        with suppress(Exception):
            ray.shutdown()


@contextmanager
def _silent() -> Iterator[None]:
    """Drop what native code and warnings of Ray write to standard error while it starts: errors are exceptions too."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _require_answer(address: str) -> None:
    """Ask whether anything listens there: Ray itself waits for many minutes. Raises `UnavailableError`."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise UnavailableError(f"--address {address!r}: write ray://HOST:10001, or HOST:6379 on one of its machines")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise UnavailableError(_no_answer(address, getattr(error, "strerror", None) or str(error))) from None
    if not address.startswith("ray://"):
        _require_head(address)


def _require_head(address: str) -> None:
    """Ask whether Ray's head listens there: whatever else does, Ray waits for it without end, without a word."""
    import grpc

    with _channel(address) as channel:
        try:
            channel.unary_unary(_IS_HEAD)(b"", timeout=_ANSWER_S)
        except grpc.RpcError as error:
            if error.code() in {getattr(grpc.StatusCode, name) for name in _NO_HEAD}:
                raise UnavailableError(_no_answer(address, "what listens there is not the head of one")) from None


def _channel(address: str) -> Any:  # noqa: ANN401  # grpc has no types
    """A connection as Ray makes it: with the certificates of its environment variables, where it uses TLS.

    Raises `UnavailableError` where one of them cannot be read.
    """
    import grpc

    options = [("grpc.enable_http_proxy", 0)]
    if os.environ.get("RAY_USE_TLS", "0").lower() not in {"1", "true"}:
        return grpc.insecure_channel(address, options)
    authority, key, chain = map(_certificate, ("RAY_TLS_CA_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_SERVER_CERT"))
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authority, key, chain), options)


def _certificate(variable: str) -> bytes:
    path = os.environ.get(variable, "")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UnavailableError(
            f"RAY_USE_TLS is set, and the file that {variable} names cannot be read ({path!r}: {in_words(error)}); "
            "name it, or leave out RAY_USE_TLS"
        ) from None


def _no_answer(address: str, said: str) -> str:
    return (
        f"no cluster of Ray answers at {address} ({said}); start one with ray start --head, and write "
        "ray://HOST:10001, or HOST:6379 on one of its machines"
    )


def _build(order: RunOrder, *parts: Any) -> tuple[Built, dict[str, bytes]]:  # noqa: ANN401  # pairs of results
    import ray

    built, packed = on_node.build(order, _pairs(parts))
    return replace(built, node=ray.get_runtime_context().get_node_id()), packed


def _measure(order: RunOrder, messages: Any, *parts: Any) -> Ended:  # noqa: ANN401  # Ray's queue, and pairs of results
    return on_node.measure(order, _pairs(parts), messages.put)


def _pairs(parts: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(built.digests, packed) for built, packed in zip(parts[::2], parts[1::2], strict=True)]


def _only(node: ClusterNode) -> object:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return NodeAffinitySchedulingStrategy(node.ray_id, soft=False)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what Ray raises of its own into a `LostError`, or an `UnavailableError` where all of the cluster is gone."""
    from ray import exceptions

    try:
        yield
    except exceptions.RayTaskError:
        raise
    except (
        exceptions.ObjectFetchTimedOutError,
        exceptions.RaySystemError,
        exceptions.RpcError,
        ConnectionError,
    ) as error:
        raise UnavailableError(
            f"the cluster does not answer any more ({_first_line(error)}); nothing that ended is lost: start it, and "
            "run the same command again"
        ) from None
    except exceptions.RayError as error:
        raise LostError(_why_lost(error)) from None


def _why_lost(error: Exception) -> str:
    known = (_LOST.get(kind.__name__) for kind in type(error).__mro__)
    return next(filter(None, known), _first_line(error))


def _refusal(address: str | None, project: Path, error: Exception) -> str:
    said = _first_line(error)
    if "mismatch" in str(error).lower():
        found = " ".join(str(error).split())
        return (
            f"the cluster at {address} is of another version of Ray or Python than this machine ({found}); install the "
            f"same here or there: Ray {_ray_version()}, Python {sys.version_info.major}.{sys.version_info.minor}"
        )
    if "exceeds" in str(error) and address is not None:
        return (
            f"the files of {project} are too many to send to each node ({said}); run lab4 in a folder that has only "
            "the project, or list what no node needs in .gitignore"
        )
    if address is None:
        return f"Ray does not start on this machine ({said}); see that /tmp and the memory have room"
    return _no_answer(address, said)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _cause(error: Any) -> str:  # noqa: ANN401  # whatever a task raised, where Ray could bring it here
    """What the task raised, without Ray's account of where."""
    if isinstance(error, OSError):
        return in_words(error)
    return _first_line(error) if isinstance(error, Lab4Error) else f"{type(error).__name__}: {_first_line(error)}"


def _ray_version() -> str:
    import ray

    return str(ray.__version__)
