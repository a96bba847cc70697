"""What is crossed: names of systems and their roles, nothing that can run."""
