import pytest

from hausderbegegnung.operations import health


@pytest.fixture(autouse=True)
def patient_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine busy with tests is slow to ask its broker, which is not down for that."""
    monkeypatch.setattr(health, "SECONDS_FOR_BROKER", 30)
