"""Whether a run is worse than its baseline: see docs/methods/gate.md and docs/evidence/gates.md."""
