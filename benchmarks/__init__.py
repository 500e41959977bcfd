"""How fast is a refresh, held against what the engine can do? `make benchmark EVENTS=<n>`."""
