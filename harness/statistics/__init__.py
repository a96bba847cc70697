"""How sure a number is: per-query values in, bounds and tests out; no files, and no names of systems."""
