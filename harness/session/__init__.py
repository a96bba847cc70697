"""One session: what the user asked for, resolved; and the memo of everything that has been measured in it."""
