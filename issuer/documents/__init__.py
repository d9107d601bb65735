"""The doors for files and request bodies: YAML or JSON in, checked domain objects out."""
