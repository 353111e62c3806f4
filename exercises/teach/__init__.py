"""The teacher's face."""
