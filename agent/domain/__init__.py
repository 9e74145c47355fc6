"""What everybody talks about: orders, reasons, states, errors, money, texts. It imports no other room."""
