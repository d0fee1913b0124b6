import pytest
from lab4_examples import latency

from lab4.domain.errors import INTERRUPTED
from lab4.domain.observed import Loading, Training
from lab4.domain.outcome import Failed, Measured, Unavailable, is_cut_short

TRAINING = Training(epoch_s=(2.0, 3.0), first_step_s=1.0, samples_per_epoch=10, batch_size=5, seed=1, weights_sha256="")
LOADING = Loading((0.5,))


@pytest.mark.parametrize(
    ("outcome", "timing_s"),
    [
        (Measured(latency=latency((1e-6, 2e-6)), training=TRAINING), (1e-6, 2e-6)),
        (Measured(training=TRAINING, loading=LOADING), (2.0, 3.0)),
        (Measured(loading=LOADING), (0.5,)),
        (Measured(), ()),
    ],
)
def test_the_timing_is_of_calls_or_epochs_or_loads(outcome, timing_s):
    assert outcome.timing_s == timing_s
    assert outcome.iterations == 1


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Measured(latency=latency(ended="interrupted")), True),
        (Measured(latency=latency()), False),
        (Measured(), False),
        (Unavailable(INTERRUPTED), True),
        (Unavailable("no GPU"), False),
        (Failed(INTERRUPTED), False),
    ],
)
def test_only_an_interrupt_cuts_short(outcome, expected):
    assert is_cut_short(outcome) == expected
