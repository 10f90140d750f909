"""What an agent is made of: its definition, tools, hand-offs and what a tool may do; knows neither rooms nor floors."""
