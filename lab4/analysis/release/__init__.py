"""A release is judged on several machines: each against its own baselines, and all of them together."""
