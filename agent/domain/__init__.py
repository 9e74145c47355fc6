"""Orders, reasons, states, errors, money, texts: what all packages share. It imports none of them."""
