"""What an ONNX graph holds, those inside its operators (If, Loop, Scan) included."""

from collections.abc import Iterator

from lab4.domain.untyped import Untyped


def graphs(graph: Untyped) -> Iterator[Untyped]:
    """The graph and all that are inside its operators, at any depth."""
    yield graph
    for node in graph.node:
        for inner in inner_graphs(node):
            yield from graphs(inner)


def inner_graphs(node: Untyped) -> list[Untyped]:
    """The graphs that are attributes of an operator."""
    found = []
    for attribute in node.attribute:
        found += [attribute.g] if attribute.HasField("g") else []
        found += attribute.graphs
    return found


def constants(graph: Untyped) -> Iterator[Untyped]:
    """The tensors of all graphs that are given: initializers, and values of constants."""
    for each in graphs(graph):
        yield from each.initializer
        for node in each.node:
            if node.op_type == "Constant":
                yield from (attribute.t for attribute in node.attribute if attribute.HasField("t"))
