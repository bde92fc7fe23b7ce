"""The grammar: words and options, typed or chosen, become an Operation or a question. Shared by all faces.

`table` says what can be asked, `parse` reads typed lines, `values` reads single values, `build` makes operations.
"""
