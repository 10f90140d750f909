"""AG-UI: a thread is a room, a run of a frontend's is a look at a room's run, which may pause it with a question."""
