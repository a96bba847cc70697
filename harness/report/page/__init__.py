"""The parts that report.html is made of."""
