"""Telling people who are elsewhere what a run came to."""
