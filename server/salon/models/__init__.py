"""Turns `provider/model` strings into AG2 model configs: a door for each kind of vendor, and the offline mock."""
