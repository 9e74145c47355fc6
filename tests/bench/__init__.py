"""What doing it right costs: Unsell beside bare scripts that do the same orders (``make bench``)."""
