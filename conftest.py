"""The root of the tests and the suite; what pytest allows only here is in ``addopts``."""
