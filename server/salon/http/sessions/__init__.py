"""Agents and chats as routers for any FastAPI application: /run, /stream and /info of an agent, /chats for all."""
