"""Draws surfaces for a terminal: the component catalogue readably, and any component of an application's own as a tree.

It may not know where a surface came from; props are a stranger's, so whatever is not as expected is drawn as it is.
"""
