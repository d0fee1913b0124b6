"""What pytest allows only at the top: tests of the plugin run pytest inside pytest."""

pytest_plugins = ["pytester"]
