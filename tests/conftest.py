"""Fixtures that several test files share live in plugins of their own, one a subject."""

pytest_plugins = ["tests.postgres"]
