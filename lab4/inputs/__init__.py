"""Values for the inputs of a model: a rule for each input, and the arrays that it draws."""

from lab4.inputs.examples import Examples, examples_for
from lab4.inputs.guessed import guessed_rule, stated_values
from lab4.inputs.known_calls import KnownCalls, fitting_calls, known_calls
from lab4.inputs.labelled import LabelledData, labelled_for
from lab4.inputs.rules import Rule, parse_rule
from lab4.inputs.stored import StoredExamples, array_file, examples_in, read_examples
from lab4.inputs.user_data import data_name, digest_of, read_user_data

__all__ = [
    "Examples",
    "KnownCalls",
    "LabelledData",
    "Rule",
    "StoredExamples",
    "array_file",
    "data_name",
    "digest_of",
    "examples_for",
    "examples_in",
    "fitting_calls",
    "guessed_rule",
    "known_calls",
    "labelled_for",
    "parse_rule",
    "read_examples",
    "read_user_data",
    "stated_values",
]
