"""What Ray raises of its own is said in the project's words."""

import pytest

from lab4.domain.errors import UnavailableError
from lab4.fleet.cluster import LostError, answering

exceptions = pytest.importorskip("ray.exceptions", reason="Ray, of the extra fleet, is not installed")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.NodeDiedError("[name=facts] node 1 died"), "its node is down, or cannot be reached"),
        (exceptions.WorkerCrashedError(), "its process was killed, or crashed"),
        (exceptions.OwnerDiedError("", "", ""), "what it needs was lost with another node"),
        (exceptions.RayError("of a kind to come.\nAnd more"), "of a kind to come"),
    ],
)
def test_why_a_task_was_lost(error, said):
    with pytest.raises(LostError) as caught, answering():
        raise error
    assert str(caught.value) == said


def test_a_cluster_that_is_gone_loses_nothing_that_has_ended():
    with (
        pytest.raises(UnavailableError, match=r"does not answer any more \(a connection was reset\); nothing"),
        answering(),
    ):
        raise ConnectionError("a connection was reset")
