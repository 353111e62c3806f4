"""Reference attention in numpy: pure, float64, batch axes in front, every convention explicit."""
