"""Documents in memory: found by their words, best first, and quoted."""

from typing import Any

import pytest

from salon import Agent, AgentTemplates, DocumentIndex
from salon.skills.documents import LONGEST_PASSAGE, Document, documents

MANUAL = (
    Document("Refunds", "You get money back.\n\nRefunds are paid within 14 days of the return."),
    Document("Shipping", "Parcels arrive within three days.\n\nWe ship to all countries of Europe.", about="delivery"),
    Document("Warranty", "Devices are repaired for two years."),
)


@pytest.fixture
def manual() -> DocumentIndex:
    return DocumentIndex(MANUAL)


@pytest.mark.requirement("S2-09")
def test_the_passage_that_answers_best_comes_first_with_its_title(manual: DocumentIndex) -> None:
    assert manual.search_documents("When are refunds paid?").startswith(
        "[Refunds]\nRefunds are paid within 14 days of the return."
    )
    assert [hit.document.title for hit in manual.search("three days and the devices")] == [
        "Shipping",
        "Warranty",
        "Refunds",
    ]


def test_a_document_is_found_by_its_title_and_by_what_it_is_about(manual: DocumentIndex) -> None:
    assert manual.search("deliveries")[0].document.title == "Shipping"
    assert manual.search("warranties")[0].document.title == "Warranty"


def test_a_document_may_be_added_while_others_are_searched(
    manual: DocumentIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = manual._score

    def adding(*given: Any) -> float:
        manual.add("Late", f"refund {len(manual)}")
        return score(*given)

    monkeypatch.setattr(manual, "_score", adding)
    assert manual.search("refunds")[0].document.title == "Refunds"


def test_what_nothing_speaks_of_is_not_found(manual: DocumentIndex) -> None:
    for query in ("dragons", "", "the and of", "?!"):
        assert manual.search(query) == []
    assert manual.search_documents("dragons") == "No document speaks of that. Try other words."
    assert DocumentIndex().search_documents("refunds") == "There are no documents to search."


def test_results_are_bounded(manual: DocumentIndex) -> None:
    manual.add("Days", "days " * 5_000)
    assert manual.search_documents("days", limit=1).count("[") == 1
    assert manual.search_documents("days", limit=-3).count("[") == 1
    assert len(manual.search_documents("days", limit=1)) <= LONGEST_PASSAGE + len("[Days]\n")


def test_a_text_is_held_once_and_can_be_removed(manual: DocumentIndex) -> None:
    manual.add("Refunds", MANUAL[0].text)
    assert len(manual) == len(MANUAL)
    manual.clear()
    assert (len(manual), manual.search("refunds")) == (0, [])
    manual.add("Refunds", "Again.")
    assert manual.search("refunds")[0].score > 0


def test_a_rarer_word_counts_for_more(manual: DocumentIndex) -> None:
    manual.add("Notes", "within within within within")
    assert manual.search("warranty within")[0].document.title == "Warranty"


@pytest.mark.requirement("S2-09")
async def test_an_agent_of_a_template_searches_the_servers_documents() -> None:
    documents.add("Refunds", "Refunds are paid within 14 days.")
    try:
        template = AgentTemplates.rag_assistant("DocBot", domain="knowledge base")
        agent = Agent(definition=template, tools=["search_documents"])
        reply = await agent.chat("Search the documents for refunds")
    finally:
        documents.clear()
    assert "14 days" in str(reply)
