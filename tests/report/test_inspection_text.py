"""What ``lab4 inspect`` prints of a model."""

from lab4.domain.contract import Contract, Dimension, Quantization, State, Stated, TensorSpec
from lab4.domain.inspected import Inspected, Operator, Weights
from lab4.report.inspection import Inspection, as_text

SIZES = (Dimension(None, "batch"), Dimension(3))
PER_CHANNEL = TensorSpec("a", "int8", SIZES, quantization=Quantization((0.5, 0.25), (0, 0), 1))
PER_TENSOR = TensorSpec("b", "uint8", (), quantization=Quantization((0.5,), (7,)))
CONTRACT = Contract(
    (PER_CHANNEL, PER_TENSOR),
    (TensorSpec("out", "float32"),),
    (State("b", "out", "guessed"), State("", "")),
    Stated("classification", "guessed"),
)
TEXT = as_text(
    Inspection(
        "net.onnx",
        1234,
        Inspected(
            "onnx",
            CONTRACT,
            {"opset": "15"},
            1234,
            tuple(Operator(f"Op{number}", 2, None) for number in range(60)),
            (Weights("int8", 1234, 1234),),
            custom=("FlexErf",),
            code=("Lambda",),
            macs_note="for one call",
            remarks=("a remark",),
        ),
        {"a": Stated("range:0,1", "guessed"), "b": Stated("const:0", "user")},
        (),
    )
)


def test_each_tensor_has_its_type_sizes_values_and_quantization():
    assert "quantized per channel of axis 1" in TEXT
    assert "quantized: scale 0.5, zero point 7" in TEXT
    assert "batch x 3" in TEXT
    assert "scalar" in TEXT
    assert "not declared" in TEXT
    assert "const:0 (user)" in TEXT


def test_state_and_task_are_said_with_their_origin():
    assert "state: out is fed back as b (guessed)" in TEXT
    assert "state: the model keeps state of its own between calls" in TEXT
    assert "task: classification (guessed)" in TEXT


def test_types_of_operators_beyond_the_table_are_counted():
    assert "operators of" in TEXT
    assert "Multiply-accumulates (MACs): not counted, for one call" in TEXT


def test_what_runs_code_or_needs_an_extension_is_named():
    assert "note: a remark" in TEXT
    assert "custom operators: FlexErf" in TEXT
    assert "code of its own: Lambda" in TEXT
