"""What there is: items, queries, judgements, runs, and the files they live in."""
