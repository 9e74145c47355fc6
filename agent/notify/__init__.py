"""Notices about a run, for people who are elsewhere."""
