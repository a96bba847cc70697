"""Stored runs looked at again: compared, computed anew, judged under another policy; nothing is run."""
