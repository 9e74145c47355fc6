"""A third, made-up marketplace: one flow, one TOML, one console, and nothing in ``agent/`` touched."""
