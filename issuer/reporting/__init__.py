"""The investor report as JSON, as tables of CSV, and as a page to print."""
