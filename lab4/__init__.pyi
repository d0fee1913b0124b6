from lab4.plugin.measured_cell import MeasuredCell
from lab4.plugin.suites import ModelSuite, from_model, from_table

__all__ = ["MeasuredCell", "ModelSuite", "__version__", "from_model", "from_table"]

__version__: str
