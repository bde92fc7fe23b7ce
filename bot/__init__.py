"""The faces: chat platforms, the playground and the command line. Imports no torch, ever."""
