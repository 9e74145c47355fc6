"""Practice consoles that nobody of the product has seen: drawn from a seed, after the gathered facts alone.

They share nothing with tests/consoles, by rule (pyproject.toml). See docs in __main__.
"""
