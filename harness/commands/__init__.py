"""What `python -m harness` can do beside benchmarking; each room has `add_arguments(parser)` and `run(args)`."""
