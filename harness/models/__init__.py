"""What runs a network: the only floor that knows torch. Nobody else in the house imports it; the shelf does."""
