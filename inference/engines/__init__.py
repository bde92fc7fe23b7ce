"""Engines: the only code, beside `pocket`, that imports torch."""
