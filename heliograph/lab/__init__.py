"""A small censored internet on 127.0.0.0/8: real servers, misbehaving as networks do."""
