"""The verdict on a release, in all forms that a gate has."""
