"""Whether a run is worse than those before it: docs/gates.md says by which methods, and how often they err."""
