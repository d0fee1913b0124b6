"""The nouns of the worksheet, as frozen types."""
