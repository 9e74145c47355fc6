"""Orders on their way: checked, submitted once, read back, followed up. ``submit`` alone presses a commit."""
