"""Workflows: functions of several steps that go on where they were when their process died. Knows no agents."""
