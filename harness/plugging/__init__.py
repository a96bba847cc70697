"""What can be plugged: the promises, the hooks, and the registry that finds who keeps them."""
