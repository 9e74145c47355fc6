"""Sheets in and out: read, checked, approved by a person, written with results."""
