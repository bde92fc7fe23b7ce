"""The HTTP face: OpenAI's Videos API and the native routes of `inference.client`. Translation only, no policy."""
