"""OpenAI's Responses: a response is a run, and `previous_response_id` names the place in a thread where it goes on."""
