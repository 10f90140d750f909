"""The wire: every frame, event and port that two parts of Salon, or Salon and a client, agree on. Pure: no I/O."""
