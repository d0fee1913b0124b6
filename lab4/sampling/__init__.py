"""Statistics of samples, pure and in the standard library alone: quantiles, intervals, steadiness, when to stop."""
