"""What a clip shows, read off its pixels by drawing and comparing; no model judges a model."""
