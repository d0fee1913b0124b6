"""What a site shows of a history: machines, cells, changes, levels and the latest gate, typed and in base units."""
