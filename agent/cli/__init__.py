"""The command line: commands, the terminal, signals, the log."""
