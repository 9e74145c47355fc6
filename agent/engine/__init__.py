"""Orders on their way: checked, submitted once, read back, followed up. Only ``submit`` presses a commit."""
