"""Records of what was measured: the journal of a run, run files, and the schema of both with its history."""
