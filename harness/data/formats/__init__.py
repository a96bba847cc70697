"""The file formats in which item banks, judgements, runs and embeddings come and go; one room each."""
