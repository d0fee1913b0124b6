"""Entries that each break one rule: what the conformance suites must find. A package of its own for the test."""

from dataclasses import replace

import numpy as np

from lab4.datasets import Dataset
from lab4.devices import DEVICES
from lab4.domain.catalogue import (
    DeviceCode,
    DeviceTraits,
    MetricTraits,
    Promise,
    RuntimeTraits,
    SettingTraits,
    SettingValue,
    TechniqueTraits,
)
from lab4.domain.observed import Score
from lab4.formats import FORMATS, ExportSource, Tolerance
from lab4.metrics import Metric
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES
from lab4.techniques import Check

_ONNX = FORMATS["onnx"]


def _format(name, **changed):
    traits = replace(_ONNX.traits, name=name, **changed.pop("traits", {}))
    return replace(_ONNX, traits=traits, **changed)


def _turned(source, path):
    """The classes in another order."""
    from lab4.frameworks import keras

    model = keras().models.clone_model(source.model)
    weights = source.model.get_weights()
    model.set_weights([*weights[:-2], weights[-2][:, ::-1], weights[-1][::-1]])
    _ONNX.export(ExportSource(model, source.calibration), path)


def _for_one_image(source, path):
    """Right for a batch of one, wrong for more: every image gets the first one's answer."""
    from lab4.frameworks import keras, tensorflow

    tf = tensorflow()
    inputs = keras().Input(source.model.input_shape[1:])
    first = keras().layers.Lambda(lambda x: tf.repeat(x[:1], tf.shape(x)[0], axis=0))(source.model(inputs))
    _ONNX.export(ExportSource(keras().Model(inputs, first), source.calibration), path)


TURNED = _format("turned", export=_turned)
ONE_IMAGE = _format("one_image", export=_for_one_image)
NO_KERNELS = _format("no_kernels", kernels=lambda _: iter(()))
ONES = _format("ones", kernels=lambda path: (np.ones_like(kernel) for kernel in _ONNX.kernels(path)))
NO_PRECISION = _format("no_precision", traits={"precision": None})
OTHER_CONTAINER = _format("other_container", traits={"container": "hdf5"})
ANYTHING_GOES = _format("anything_goes", tolerance=Tolerance(1.0, 0.0))
BAD_LABEL = _format("bad_label", traits={"label": "a|b"})


class _Technique:
    distributions = ()

    def __init__(self, name, *checks, preserves=(), promised=None):
        self.checks = checks
        promises = tuple(check.promise for check in checks) if promised is None else promised
        self.traits = TechniqueTraits(name, name, "pruning", promises, preserves)

    def apply(self, model, trainer):  # noqa: ARG002
        from lab4.frameworks import keras

        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        return copy


def _zeros(kernels):
    kernels = list(kernels)
    return sum((kernel == 0).sum() for kernel in kernels) / sum(kernel.size for kernel in kernels)


class _InPlace(_Technique):
    def apply(self, model, trainer):  # noqa: ARG002
        model.set_weights([weight * 2 for weight in model.get_weights()])
        return model


class _Forgetful(_Technique):
    def apply(self, model, trainer):
        copy = super().apply(model, trainer)
        copy.set_weights([weight + 1e-3 for weight in model.get_weights()])
        return copy


_HALF = Promise("sparsity", "share of zero weights", at_least=0.5)
UNKEPT = _Technique("unkept", Check(_HALF, _zeros))
VACUOUS = _Technique("vacuous", Check(replace(_HALF, at_least=0.0), _zeros))
UNCHECKED = _Technique("unchecked", promised=(_HALF,))
IN_PLACE = _InPlace("in_place")
FORGETFUL = _Forgetful("forgetful", preserves=("sparsity",))


def _logits(shape, classes):
    from lab4.frameworks import keras

    model = MODELS["fcnn"].build(shape, classes)
    model.layers[-1].activation = keras().activations.linear
    return model


def _constant(shape, classes):
    from lab4.frameworks import keras

    layers = keras().layers
    return keras().Sequential(
        [layers.Input(shape), layers.Flatten(), layers.Dense(classes, "softmax", trainable=False)], name="constant"
    )


def _model(name, build):
    return replace(MODELS["fcnn"], traits=replace(MODELS["fcnn"].traits, name=name), build=build)


LOGITS = _model("logits", _logits)
CONSTANT = _model("constant", _constant)
ONE_SHAPE = _model("one_shape", lambda *_: MODELS["fcnn"].build((28, 28, 1), 10))


def _dataset(name, seed=1, shared=False, labels=4):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (200, 8, 8, 1)).astype(np.uint8)
    y = np.arange(200) % labels
    return Dataset(name, x[:160], y[:160], x[:40] if shared else x[160:], y[160:], classes=4)


def shared():
    return _dataset("shared", shared=True)


def random():
    return _dataset("random", seed=None)


def three_classes():
    return _dataset("three_classes", labels=3)


def other_name():
    return _dataset("another")


class _Zeros:
    clock, compute_only_clock, threads = "nothing", "", 1

    def __init__(self, runner):
        self._runner = runner

    def __getattr__(self, name):
        return getattr(self._runner, name)

    def finish(self, outputs):
        return {name: np.full_like(each, 0.25) for name, each in self._runner.finish(outputs).items()}


def _load(path, spec):
    return _Zeros(RUNTIMES["onnxruntime"].loaders["onnx"](path, spec))


def _metric(name, compute, **changed):
    traits = MetricTraits(name, name, "share", higher_is_better=True, tolerance=0.01, is_per_example=False)
    return Metric(replace(traits, **changed), compute)


def _right(outputs, labels):
    return float((outputs.argmax(axis=1) == labels).mean())


WRONG_WAY = _metric("wrong_way", lambda outputs, labels: Score(_right(outputs, labels)), higher_is_better=False)
IN_ORDER = _metric("in_order", lambda outputs, labels: Score(float((outputs.argmax(axis=1) == labels)[:9].mean())))
PERCENT = _metric("percent", lambda outputs, labels: Score(100 * _right(outputs, labels)))
UNLIKE = _metric("unlike", lambda outputs, labels: Score(_right(outputs, labels)), is_per_example=True)

NOTHING = replace(
    RUNTIMES["onnxruntime"],
    traits=RuntimeTraits("nothing", "Nothing", host="python", is_native=True, devices=("cpu",)),
    loaders={"onnx": _load},
)


def _with_settings(name, *settings, loaders=RUNTIMES["onnxruntime"].loaders, code=()):
    ours = RUNTIMES["onnxruntime"]
    return replace(ours, traits=replace(ours.traits, name=name, settings=settings, code=code), loaders=loaders)


def _setting(name, *values):
    return SettingTraits(name, name, tuple(map(SettingValue, values)))


def _zeros_if_asked(path, spec):
    plain = RUNTIMES["onnxruntime"].loaders["onnx"](path, spec)
    return _Zeros(plain) if spec.settings["zeros"] == "yes" else plain


NO_CHOICE = _with_settings("no_choice", _setting("only", "one"))
OTHER_RESULT = _with_settings("other_result", _setting("zeros", "no", "yes"), loaders={"onnx": _zeros_if_asked})
NO_PLACE = _with_settings("no_place", _setting("a", "1", "2"), code=(DeviceCode("cpu", ("open(path, {threads})",)),))
BAD_CODE = _with_settings(
    "bad_code", _setting("a", "1", "2"), code=(DeviceCode("cpu", ("import no_such_engine, {threads}{a}",)),)
)
FAR_DEVICE = replace(
    DEVICES["cpu"], traits=DeviceTraits("far_device", "Far", "cpu", is_host=True), tensorflow_name="cpu", rounding=1.0
)
