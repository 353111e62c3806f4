"""The author's face."""
