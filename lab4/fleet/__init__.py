"""One run over the machines of a Ray cluster: built once, measured on each, kept in one history."""
