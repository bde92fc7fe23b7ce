"""Claim, render, package, finish: in a process of its own for each device."""
