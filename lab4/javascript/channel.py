"""What a process with an engine of JavaScript in it is to Python: asked in JSON, watched, and ended."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

from lab4.domain.errors import ConversionError, CrashError, Lab4Error, TimeLimitError, UnavailableError, WorkerError

#: What an engine itself says of an artifact or of the system.
_REFUSALS: Final[dict[str, type[Lab4Error]]] = {each.__name__: each for each in (ConversionError, UnavailableError)}


class Channel(ABC):
    """A started engine. After `CrashError` or `TimeLimitError` it has ended, and after an interrupt it must be.

    ``name`` is what it is called in sentences, ``limit_s`` how many seconds an answer may take.
    """

    def __init__(self, name: str, limit_s: float) -> None:
        self.name = name
        self._limit_s = limit_s
        self._is_busy = False

    def ask(self, method: str, **arguments: object) -> Any:  # noqa: ANN401  # JSON of any shape
        """Let the engine do something, and return its result.

        Raises:
            Lab4Error: what the engine refuses.
            WorkerError: where something unforeseen was thrown in it.
            CrashError: where its process ended.
            TimeLimitError: where it did not answer in time; it is ended.
        """
        if self._is_busy:  # an interrupted request's answer is still to come, and is not this one's
            self.close()
            raise CrashError(f"{self.name} was ended, as a request was interrupted")
        self._is_busy = True
        answer = self._exchanged({"method": method, **arguments})
        self._is_busy = False
        if "refused" in answer:
            raise _REFUSALS[answer["refused"]](answer["message"])
        if "raised" in answer:
            raise WorkerError(f"{self.name}: {answer['raised'].partition(chr(10))[0]}")
        return answer["result"]

    def _too_slow(self) -> TimeLimitError:
        self.close()
        return TimeLimitError(
            f"{self.name} did not answer within {self._limit_s:g} s and was ended; "
            "allow more with --lab4-cell-timeout if the machine is slow"
        )

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked."""
        return self.is_alive and not self._is_busy

    @property
    @abstractmethod
    def is_alive(self) -> bool:
        """Whether its process runs."""

    @property
    @abstractmethod
    def process_id(self) -> int | None:
        """The id of the process in whose main thread the engine works, where that is known."""

    @abstractmethod
    def address(self, path: Path) -> str:
        """What the engine calls a file or folder that it may read."""

    @abstractmethod
    def _exchanged(self, request: dict[str, object]) -> dict[str, Any]:
        """Send a request and wait for its answer."""

    @abstractmethod
    def close(self) -> None:
        """End the process at once, and remove what it left. Never raises; a second time does nothing."""
