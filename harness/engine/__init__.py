"""What is done: models are built, texts embedded, documents retrieved and reranked; each stage once."""
