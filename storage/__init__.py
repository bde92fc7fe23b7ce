"""The rows and the bytes. Rows never leave this package; values of `inference.types` do."""
