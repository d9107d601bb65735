"""One function per use case; the only place that opens a database transaction."""
