"""Arrays in, arrays out: the vocabulary of metrics, how they are computed, top-k and fusion."""
