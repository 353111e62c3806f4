"""The learner's face."""
