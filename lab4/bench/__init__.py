"""The one place that puts the rooms together: a cell in, its measurement out."""
