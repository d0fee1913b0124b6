"""Where the time of a call goes, by the runtimes' own profilers; and where a quantized model's error comes from."""
