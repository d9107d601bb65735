"""The priority of payments: terms as data (`structure`, `steps`), one period at a time (`run`)."""
