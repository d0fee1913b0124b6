"""Runs made up for tests: small, or as large as a real one."""

import random
from dataclasses import replace

from lab4_examples import latency as example_latency

from lab4.domain.cell import Cell
from lab4.domain.machine import Gpu, Machine
from lab4.domain.observed import (
    Agreement,
    Artifact,
    Loading,
    Peak,
    PeakMemory,
    PerExample,
    Series,
    Size,
    Sparsity,
    Training,
    Work,
)
from lab4.domain.outcome import Measured, Measurement, Outcome, Unavailable
from lab4.domain.run import Commit, DatasetInfo, Run, Settings
from lab4.history.earlier import catalogue_of_labels
from lab4.history.run_schema import CATALOGUE as CATALOGUES

#: The traits of the suite's own entries.
CATALOGUE = CATALOGUES.read(catalogue_of_labels({}))
NO_GPU = Unavailable("no GPU visible to TensorFlow")
_DISK = {
    "keras": 1.0,
    "tflite_float32": 0.997,
    "tflite_float16": 0.501,
    "tflite_int8": 0.256,
    "onnx": 0.999,
    "saved_model": 1.21,
    "tfjs": 1.003,
}
_BATCH_1_S = {
    "keras": 0.86e-3,
    "keras:predict": 43e-3,
    "tflite_float32": 72e-6,
    "tflite_float16": 73e-6,
    "tflite_int8": 28e-6,
    "onnx": 83e-6,
    "saved_model": 0.91e-3,
}


def machine(node="lab-pc-07", gpu=False):
    return Machine(
        node=node,
        cpu="Intel(R) Xeon(R) CPU @ 2.20GHz",
        cpu_flags=("avx2", "fma"),
        logical_cores=2,
        physical_cores=1,
        memory_bytes=8 * 2**30,
        gpus=(Gpu("NVIDIA T4", "550.54", 16 * 2**30),) if gpu else (),
        os="Linux 6.1",
        python="3.11.7",
        libraries=(("onnxruntime", "1.23.2"), ("tensorflow", "2.19.0")),
        threads=(("OMP_NUM_THREADS", "1"), ("litert", "1")),
    )


def run(*measurements, started_at="2026-03-01T10:00:00+00:00", on=None, complete=True, **changes):
    made = Run(
        started_at=started_at,
        lab4_version="0.1.0",
        settings=Settings("quick", 0, 3, 2, 0.25),
        dataset=DatasetInfo("mnist_10k", 8000, 2000, "ab" * 32),
        machine=machine() if on is None else on,
        commit=Commit("0123456789abcdef0123456789abcdef01234567", dirty=False),
        catalogue=CATALOGUE,
        measurements=tuple(measurements),
        complete=complete,
        source="run.json",
    )
    return replace(made, **changes)


def at(key, outcome):
    return Measurement(Cell.from_key(key), outcome)


def accuracy(correct, total=2000):
    return PerExample((True,) * correct + (False,) * (total - correct))


def latency(typical_s, calls=700, threads=1, rng=None):
    rng = rng or random.Random(1)  # figures for tests, not secrets
    samples = tuple(typical_s * (0.97 + 0.1 * rng.random() ** 3) for _ in range(calls))
    whole = tuple(round(sample * 1e9) / 1e9 for sample in samples)
    sizes = tuple(len(whole[start::7]) for start in range(7))
    return example_latency(whole, first_call_s=typical_s * 30, threads=threads, calls=Series(whole, sizes, 1, "call"))


ABSENT = {"energy": "no meter", "counters": "no counters"}
#: 200 GFLOP/s, 800 GOP/s, 30 GB/s from memory and 90 GB/s from 4 MB of cache.
PEAKS = tuple(
    Peak(kind, 1, work, (0.01, 0.011), "a kernel")
    for kind, work in (("float32", 2 * 10**9), ("int8", 8 * 10**9), ("memory", 3 * 10**8), ("cache", 9 * 10**8))
)


def timed(typical_s, arithmetic="float32", batch=1, **how):
    return Measured(
        latency=latency(typical_s, **how),
        agreement=Agreement(1e-5, 2000, 2000),
        memory=PeakMemory(2_000_000, 50_000_000, "VmHWM"),
        work=Work(8_000_000 * batch, 1_700_000, arithmetic),
        missing=dict(ABSENT),
    )


def trained(epoch_s=(4.1, 3.9, 4.0), correct=1950, total=2000):
    return Measured(
        training=Training(tuple(epoch_s), 1.7, 8000, 128, 0, "cd" * 32), metrics={"accuracy": accuracy(correct, total)}
    )


def weighed(correct=1950, disk=1_700_000, gzip=None, *, total=2000, zeros=0):
    return Measured(
        metrics={"accuracy": accuracy(correct, total)},
        size=Size(disk, disk * 9 // 10 if gzip is None else gzip),
        sparsity=Sparsity(zeros, 420_000),
        agreement=Agreement(0.01, total, total),
        loading=Loading((0.021, 0.019, 0.020)),
        artifact=Artifact("ef" * 32),
    )


def _training(models, gpu):
    for number, model in enumerate(models):
        yield f"train/{model}-cpu-b128-keras", trained((4.1 - 3 * number, 3.9 - 3 * number, 4.0 - 3 * number))
        fast = trained((0.9, 0.7, 0.8), correct=1948)
        yield f"train/{model}-gpu-b128-keras", fast if gpu else NO_GPU


def _inference(models, gpu, calls, rng):
    for number, model in enumerate(models):
        for technique in ("", ".pruned80"):
            for batch in (1, 32):
                for form, typical_s in _BATCH_1_S.items():
                    cost = typical_s / (1 + 3 * number) * (1 if batch == 1 or form == "keras:predict" else 20)
                    few = min(calls, 40) if form == "keras:predict" else calls
                    yield (
                        f"latency/{model}{technique}-cpu-b{batch}-{form}",
                        timed(cost, "int8" if form.endswith("int8") else "float32", batch, calls=few, rng=rng),
                    )
        for batch in (1, 32):
            outcome = timed(0.7e-3 if batch == 1 else 0.8e-3, calls=calls, threads=None, rng=rng) if gpu else NO_GPU
            yield f"latency/{model}-gpu-b{batch}-keras", outcome


def _weighed(models):
    for number, model in enumerate(models):
        whole, right = 1_703_000 // (1 + number), 1952 - 40 * number
        for form in ("keras", "tflite_float32", "tflite_float16", "tflite_int8"):
            lost = 3 if form == "tflite_int8" else 0
            yield f"examine/{model}-cpu-{form}", weighed(right - lost, int(whole * _DISK[form]))
        for technique, gained, squeezed, zeros in (
            ("", 0, 0.9, 0),
            (".finetuned", 4, 0.9, 0),
            (".pruned80", -6, 0.3, 336_000),
        ):
            for form in ("keras", "tflite_float16", "tflite_int8") if technique == ".pruned80" else ("keras",):
                disk = int(whole * _DISK[form])
                outcome = weighed(right + gained, disk, int(disk * squeezed), zeros=zeros)
                yield f"examine/{model}{technique}-cpu-{form}", outcome
        for form in ("onnx", "saved_model", "tfjs"):
            yield f"examine/{model}-cpu-{form}", weighed(right, int(whole * _DISK[form]))


def realistic(calls=700, gpu=False, models=("cnn", "fcnn"), **about) -> Run:
    rng = random.Random(7)  # figures for tests, not secrets
    outcomes: dict[str, Outcome] = {}
    for key, outcome in (*_training(models, gpu), *_inference(models, gpu, calls, rng), *_weighed(models)):
        outcomes.setdefault(key, outcome)
    about.setdefault("on", machine(gpu=gpu))
    about.setdefault("peaks", PEAKS)
    return run(*(at(key, outcome) for key, outcome in outcomes.items()), **about)
