"""The investor report: what each period brought, paid and left, and the sums that prove it."""
