"""What several parts need: the order of models and devices, names of variants, common columns and notes."""

from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Column
from lab4.domain.cell import Cell, Variant

__all__ = [
    "ACCURACY",
    "CONTROL",
    "GZIP",
    "LOSS",
    "LOSS_NOTE",
    "MODEL",
    "PRINTED_DEVICES",
    "PRINTED_MODELS",
    "REDUCTION",
    "REDUCTION_NOTE",
    "SIZE",
    "SIZE_NOTE",
    "cell_name",
    "is_control",
    "machine_of",
    "models_of",
    "original_of",
    "variant_name",
]

#: What the printed form has blanks for.
PRINTED_MODELS = ("cnn", "fcnn")
PRINTED_DEVICES = ("cpu", "gpu")

#: The technique that only trains on: it stands beside pruning, and is never itself a choice.
CONTROL = "finetuned"

MODEL = Column("model", "Model", "text")
ACCURACY = Column("accuracy", "Accuracy", "accuracy")
LOSS = Column("loss", "Accuracy Loss", "points")
SIZE = Column("size", "Size on Disk", "bytes")
GZIP = Column("gzip", "Size Gzipped", "bytes")
REDUCTION = Column("reduction", "Size Reduction on Disk", "fraction")

LOSS_NOTE = (
    "Accuracy is that of the artifact in its own runtime, with its 95% Wilson interval. Accuracy loss is in percentage "
    "points against the original on the same images, with its paired 95% interval; below zero means more accurate."
)
SIZE_NOTE = "Sizes are the bytes of the exported artifact, on disk and gzipped (level 6); 1 MB is 1,000,000 bytes."
REDUCTION_NOTE = (
    "Size reduction is 1 - size / size of the original; the original is Keras H5 without optimizer state "
    "(with it the file is about three times as large)."
)


def models_of(merged: Observations, printed: bool) -> tuple[str, ...]:
    """Models in the form's order, further ones after; ``printed`` adds those of the form that no run has."""
    seen = dict.fromkeys(reading.cell.model for reading in merged.by_key.values())
    return tuple(model for model in dict.fromkeys((*PRINTED_MODELS, *seen)) if printed or model in seen)


def original_of(merged: Observations, model: str) -> Observation | None:
    """The reading of the unmodified Keras model in this part."""
    return merged.at(Cell("examine", model, (), "cpu", None, "keras"))


def is_control(variant: Variant) -> bool:
    """Whether the variant is there for comparison only."""
    return CONTROL in variant.techniques


def variant_name(merged: Observations, variant: Variant) -> str:
    """The variant as people read it: the model, and each technique after it."""
    return ", ".join(merged.catalogue.any_label(name) for name in (variant.model, *variant.techniques))


def machine_of(reading: Observation | None) -> str:
    """Where the reading was made; nowhere if there is none."""
    return "" if reading is None else reading.source.machine


def cell_name(merged: Observations, reading: Observation) -> str:
    """An inference cell as people read it: variant, format, device, batch size, threads where there are several."""
    cell = reading.cell
    threads = f", {cell.threads} threads" if cell.threads > 1 else ""
    parts = (
        variant_name(merged, cell.variant),
        merged.catalogue.any_label(cell.format),
        merged.catalogue.any_label(cell.device),
    )
    return f"{', '.join(parts)}, batch {cell.batch_size}{threads}"
