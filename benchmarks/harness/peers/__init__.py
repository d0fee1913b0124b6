"""What a user might take in place of the suite's runtimes, timed next to them: same nets, same weights, same inputs."""
