"""What it means: measurements, scores, and the judgement of criteria."""
