"""Whether a run is worse than its baseline: see docs/methods/gates.md and docs/evidence/gates.md."""
