"""The suites: what a run measures. In an installed package they are `harness.suites`."""
