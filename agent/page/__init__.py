"""A page in hand: opened, read, moved about in, filled in, pictured. No commit is pressed from here."""
