"""The models layer: turns `provider/model` strings into AG2 model configs, one door per vendor, and the offline mock."""
