"""Which browser is driven, how it is started or attached to, and what its requests may do."""
