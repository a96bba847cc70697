"""What is timed or tried on a live system; never from a cache."""
