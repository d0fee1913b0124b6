"""What on this machine would disturb a measurement, and the remedy; the checks stand in modules by topic."""
