"""What the user set, and where it was set: ``settings.load()`` returns ``Settings`` with its accounts."""
