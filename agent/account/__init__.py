"""An account at work: its lock, its browser context, its sign-in and its saved session."""
