"""The services others reach over HTTP; the only place that knows the web framework."""
