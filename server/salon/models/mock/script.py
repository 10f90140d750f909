"""Finds where a conversation stands in its scenario; what was played is read off the conversation, not remembered.

Only failures leave no trace in a conversation, so those are remembered here: a scripted failure happens once.
"""

from collections import OrderedDict

from salon.models.errors import InvalidModel
from salon.models.mock.conversation import Conversation
from salon.models.mock.scenario import Scenario, ScriptedTurn

_REMEMBERED = 1024


class Tape:
    """The failures already played, by conversation and position; bounded."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str, int], int] = OrderedDict()

    def next(self, scenario: Scenario, conversation: Conversation) -> ScriptedTurn | None:
        """The scripted turn for this call, or None when the script has nothing (more) to say.

        Raises InvalidModel when the scenario is strict and used up.
        """
        opening = conversation.exchanges[0].texts[:1] if conversation.exchanges else ()
        conversation_key = "".join(opening)
        if (rule := scenario.rule_for(conversation.request)) is not None:
            turns = (rule, *rule.then)
            # A rule starts over with each request that it answers.
            played = len(conversation.exchanges[-1].responses) if conversation.exchanges else 0
            key = (conversation_key, f"rule {len(conversation.exchanges)}", 0)
        else:
            turns = scenario.turns
            played = sum(
                len(exchange.responses)
                for exchange in conversation.exchanges
                if scenario.rule_for(" ".join(exchange.texts)) is None
            )
            key = (conversation_key, "", 0)
        position = played + sum(
            count for (name, kind, at), count in self._failures.items() if (name, kind) == key[:2] and at <= played
        )
        if position < len(turns):
            turn = turns[position]
            if turn.fail is not None:
                self._note((*key[:2], played))
            return turn
        if scenario.strict and scenario.rule_for(conversation.request) is None:
            raise InvalidModel(f"The scenario is used up after {len(scenario.turns)} turns.")
        return None

    def _note(self, key: tuple[str, str, int]) -> None:
        self._failures[key] = self._failures.pop(key, 0) + 1
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
