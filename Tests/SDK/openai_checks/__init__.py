"""Checks of the gateway through the official openai SDK, a module for each subject."""
