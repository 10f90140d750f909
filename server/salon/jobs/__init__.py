"""Background jobs: work that outlives whoever asked for it. May not know rooms, agents or HTTP."""
