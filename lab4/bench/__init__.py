"""The one place that puts the packages together: a cell in, its measurement out."""
