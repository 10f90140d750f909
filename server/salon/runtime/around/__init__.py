"""What is around an agent, joined from the rooms, the catalog and the models: in a server, or alone in a program."""
