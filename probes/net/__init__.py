"""Net for real: the one place in the project that opens sockets for measuring."""
