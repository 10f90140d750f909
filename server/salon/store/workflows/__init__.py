"""Runs of workflows, and the steps that they have taken."""
