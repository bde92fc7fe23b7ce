"""The pocket model: a small LTX-class text-to-video pipeline, and the code that draws its world and trains it.

`model/` holds the shipped weights in diffusers' folder format. Nothing outside this package imports it: the engines
load `model/` as they load any other checkpoint folder.
"""
