"""The group chat: teams of agents on AG2's workflow reducer. Knows rooms only through the stage they give it."""
