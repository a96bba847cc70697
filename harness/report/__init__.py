"""What people read, and what a run leaves behind."""
