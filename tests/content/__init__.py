"""Tests of what ships: every lesson and every exercise."""
