"""Frozen data and pure functions; imports nothing but the standard library and itself."""
