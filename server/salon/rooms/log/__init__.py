"""The log of a room: what happened, in order, where it is kept, and who may read it from where."""
