"""What on this machine would disturb a measurement, and the remedy; the checks are in modules by topic."""
