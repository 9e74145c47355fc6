"""``selectors/*.toml``, read and checked: a platform's words, addresses, field names and elements."""
