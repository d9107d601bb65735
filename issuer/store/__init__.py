"""SQL tables, and functions that read and write domain objects through them."""
