from pathlib import Path

import pytest

from tests.ui.agreement import CONTRACTS, accepted, disagreements, texts
from tests.ui.corpus import frozen

FUZZED = 7000  # of each contract


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_server_says_of_the_frozen_texts_what_it_said_before(contract: str) -> None:
    corpus = frozen(contract)
    changed = [text for was, text in corpus if accepted(contract, text) != was]
    assert changed == [], "clients will notice; if it is meant, run `python -m tests.ui.corpus`"
    assert len({text for _, text in corpus}) >= 2000
    assert 0.25 < sum(good for good, _ in corpus) / len(corpus) < 0.75


@pytest.mark.requirement("S4-05")
@pytest.mark.parametrize("contract", CONTRACTS)
def test_models_generated_schemas_and_other_validators_agree_about_thousands_of_texts(
    contract: str, package: Path
) -> None:
    asked = texts(contract, FUZZED, "fuzz")
    assert disagreements(contract, asked) == []
    assert 0.25 < sum(accepted(contract, text) for text in asked) / FUZZED < 0.75
