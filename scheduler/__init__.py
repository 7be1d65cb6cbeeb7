"""When and how much: the runner and, later, the agent and the nightly jobs."""
