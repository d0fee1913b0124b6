"""How many samples a file may have: counted while they are packed, as few characters may unpack to a full memory."""

from lab4.domain.errors import RecordError

#: A file of more samples than this, and of more than it has packed characters, is damage: a clock's times take about
#: two characters per sample or more.
MOST_SAMPLES = 2_000_000


class SampleLimit:
    """The samples of one file so far; every record is counted before its samples are unpacked."""

    def __init__(self) -> None:
        self._samples = 0
        self._characters = 0

    def take(self, samples: int, characters: int) -> None:
        """Count a series of ``samples`` that are packed in ``characters``.

        Raises:
            RecordError: if those so far are too many for memory, and more than any clock's times.
        """
        self._samples += samples
        self._characters += characters
        most = max(MOST_SAMPLES, self._characters)
        if self._samples > most:
            raise RecordError(
                f"it has {self._samples:,} samples in {self._characters:,} characters, which may hold {most:,} at "
                "most; it is damaged, so copy or measure it again"
            )
