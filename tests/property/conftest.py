"""Properties are about results: on a busy machine an example may take any time."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
