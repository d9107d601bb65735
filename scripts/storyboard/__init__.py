"""The storyboard of one deal, chapter by chapter; `demo.py` starts the server and has it told."""
