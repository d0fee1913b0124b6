"""A user's own models in the general report: their contracts, and how far artifacts are from the original."""

from collections.abc import Iterator

from lab4.analysis.document import Prose, Section, Sentence
from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.subject import Subject
from lab4.analysis.tables import Column, Kind, NotApplicable, Quantity, Row, Table, Text, Value
from lab4.domain.catalogue import RECONSTRUCTION, ModelTraits
from lab4.domain.cell import EXAMINE, LATENCY, Cell
from lab4.domain.contract import FILE, Contract, Quantization, Stated, TensorSpec
from lab4.domain.observed import Agreement, Difference

_TENSOR = (
    Column("model", "Model", "text"),
    Column("name", "Name", "text"),
    Column("dtype", "Type", "text"),
    Column("dimensions", "Dimensions", "text"),
    Column("layout", "Layout", "text"),
    Column("quantization", "Quantization", "text"),
)
_INPUTS = (*_TENSOR, Column("values", "Values", "text"), Column("state", "Fed Back From", "text"))
_OUTPUTS = (*_TENSOR, Column("task", "Task", "text"))
_ORIGIN_NOTE = (
    "What is not marked is in the model's file. (guessed) marks what is assumed by what is usual, and (user) what you "
    "gave: check the guesses, since latency and agreement are of these values."
)
_AGREEMENT = (
    Column("cell", "Artifact", "text"),
    Column("output", "Output", "text"),
    Column("max_abs", "Largest Difference", "ratio"),
    Column("mean_abs", "Mean Difference", "ratio"),
    Column("relative", "Largest Difference Relative to the Original's Scale", "percent"),
    Column("cosine", "Cosine", "cosine"),
    Column("agreement", "Same Predictions", "fraction"),
)
_AGREEMENT_NOTE = (
    "Differences are absolute, of any value of the output, in the output's own unit. The scale is the largest absolute "
    "value of the original's output. Same predictions are of the class scores, and are given once for each artifact."
)


def own_models(found: Observations) -> tuple[ModelTraits, ...]:
    """The models of the runs that have a contract, each once, in the order of the runs."""
    models = map(found.catalogue.model, found.models)
    return tuple(model for model in models if model.contract is not None)


def contract_section(found: Observations) -> Section | None:
    """What the models take and return, and which values they were given; ``None`` where none has a contract."""
    contracts = [(model, model.contract) for model in own_models(found) if model.contract is not None]
    if not contracts:
        return None
    inputs = [
        Row(f"{model.name}/{tensor.name}", tensor.name, _input(model, contract, tensor))
        for model, contract in contracts
        for tensor in contract.inputs
    ]
    outputs = [
        Row(f"{model.name}/{tensor.name}", tensor.name, (*_tensor(model, tensor), _stated(contract.task)))
        for model, contract in contracts
        for tensor in contract.outputs
    ]
    tables = (
        with_values(
            Table("model_inputs", "Inputs and the values they were given", _INPUTS, tuple(inputs), (_ORIGIN_NOTE,))
        ),
        with_values(Table("model_outputs", "Outputs", _OUTPUTS, tuple(outputs), printed=False)),
    )
    kept = tuple(
        Sentence("{} keeps state of its own between calls.", ((Text(model.label), "text"),))
        for model, contract in contracts
        if any(not state.input for state in contract.states)
    )
    return Section("Models", (*tables, *([Prose(kept)] if kept else [])))


def with_values(table: Table) -> Table:
    """The table without the columns that apply to none of its rows."""
    kept = [
        index
        for index in range(len(table.columns))
        if index == 0 or any(not isinstance(row.values[index], NotApplicable) for row in table.rows)
    ]
    return table.narrowed(kept)


def _tensor(model: ModelTraits, tensor: TensorSpec) -> tuple[Value, ...]:
    return (
        Text(model.label),
        Text(tensor.name),
        Text(tensor.dtype),
        Text(_dimensions(tensor)),
        _stated(tensor.layout),
        NotApplicable() if tensor.quantization is None else Text(_quantization(tensor.quantization)),
    )


def _input(model: ModelTraits, contract: Contract, tensor: TensorSpec) -> tuple[Value, ...]:
    fed = next((state for state in contract.states if state.input == tensor.name), None)
    state = NotApplicable() if fed is None else _stated(Stated(fed.output, fed.origin))
    values = model.values.get(tensor.name)
    return (*_tensor(model, tensor), Text("not recorded") if values is None else _stated(values), state)


def _stated(stated: Stated | None) -> Value:
    """What is said, and by whom if not by the file."""
    if stated is None:
        return NotApplicable()
    return Text(stated.text if stated.origin == FILE else f"{stated.text} ({stated.origin})")


def _dimensions(tensor: TensorSpec) -> str:
    if tensor.dimensions is None:
        return "not declared"
    return " x ".join(map(str, tensor.dimensions)) or "scalar"


def _quantization(found: Quantization) -> str:
    if len(found.scales) != 1 or len(found.zero_points) != 1:
        return f"per channel of axis {found.axis}"
    return f"scale {found.scales[0]:.6g}, zero point {found.zero_points[0]}"


def agreement_blocks(found: Observations) -> tuple[Table | Prose, ...]:
    """The differences of each artifact from its original, by output, of users' models and of those that reconstruct."""
    models = [each for each in found.catalogue.models.values() if each.contract or each.task == RECONSTRUCTION]
    if not models:
        return ()
    compared = [each for model in models for each in _compared(found, model.name)]
    originals = Prose(tuple(_original(found, model, compared) for model in models))
    rows = tuple(row for each in compared for row in _rows(found, each))
    if not rows:
        return (originals,)
    table = Table("agreement", "Agreement with the original", _AGREEMENT, rows, (_AGREEMENT_NOTE,))
    return with_values(table), originals


def _original(found: Observations, model: ModelTraits, compared: list[Observation]) -> Sentence:
    form = "another format" if model.original_format is None else found.catalogue.format(model.original_format).label
    names: tuple[tuple[Value, Kind], ...] = ((Text(model.label), "text"), (Text(form), "text"))
    if any(each.cell.model == model.name for each in compared):
        return Sentence("Artifacts of {} are compared with the model as it was given: {}.", names)
    return Sentence("Of {}, nothing but the original ({}) was measured, so that there is no agreement to show.", names)


def _place(cell: Cell) -> tuple[object, ...]:
    return cell.variant, cell.format, cell.device, cell.runtime


def _compared(found: Observations, model: str) -> Iterator[Observation]:
    """What was compared, once for each artifact, device and runtime, without the original itself."""
    original = found.original(model)
    seen = set() if original is None else {_place(original.cell)}
    for each in (*found.where(EXAMINE, model=model), *found.where(LATENCY, model=model)):
        agreement = None if each.measured is None else each.measured.agreement
        is_given = original is None and found.catalogue.is_original(each.cell)
        if agreement is not None and agreement.outputs and _place(each.cell) not in seen and not is_given:
            seen.add(_place(each.cell))
            yield each


def _rows(found: Observations, each: Observation) -> Iterator[Row]:
    agreement = None if each.measured is None else each.measured.agreement
    name = MEASURES["cell"].value(Subject(found, each.cell))
    for index, (output, difference) in enumerate(agreement.outputs.items() if agreement else ()):
        predictions = _predictions(agreement) if index == 0 else NotApplicable()
        values = (name, Text(output), *_difference(difference), predictions)
        title = name.text if isinstance(name, Text) else each.cell.id
        yield Row(f"{each.cell.key}/{output}", title, values, each.source.machine, each.cell)


def _difference(found: Difference) -> tuple[Value, ...]:
    relative = Quantity(found.max_abs / found.scale) if found.scale else NotApplicable()
    return Quantity(found.max_abs), Quantity(found.mean_abs), relative, Quantity(found.cosine)


def _predictions(agreement: Agreement | None) -> Value:
    if agreement is None or not agreement.total:
        return NotApplicable()
    return Quantity(agreement.agreeing / agreement.total)
