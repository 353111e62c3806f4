"""Tests of the reference engine, and the outside references it is held against."""
