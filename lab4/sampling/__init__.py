"""Statistics of samples, pure and with the standard library only: quantiles, intervals, steadiness, when to stop."""
