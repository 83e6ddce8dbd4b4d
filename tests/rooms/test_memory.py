"""What is remembered is never handed out for anything else, and there is an end to it."""

from rooms.memory import Memory


def test_a_value_is_made_once_for_what_it_is_true_of() -> None:
    memory: Memory[str] = Memory(2)
    made: list[str] = []

    def kept(key: str, version: int) -> str:
        def make() -> str:
            made.append(f"{key}{version}")
            return made[-1]

        return memory.kept(key, version, make)

    assert [kept("a", 1), kept("a", 1), kept("b", 1)] == ["a1", "a1", "b1"]
    # A newer one takes the place of the one before, and what was true once is made anew.
    assert [kept("a", 2), kept("a", 2), kept("a", 1)] == ["a2", "a2", "a1"]
    assert made == ["a1", "b1", "a2", "a1"]


def test_what_was_not_asked_for_longest_goes_first() -> None:
    memory: Memory[object] = Memory(2)
    first, second = memory.kept("a", 1, object), memory.kept("b", 1, object)
    assert memory.kept("a", 1, object) is first
    memory.kept("c", 1, object)
    assert memory.kept("a", 1, object) is first
    assert memory.kept("b", 1, object) is not second


def test_what_fails_is_not_kept() -> None:
    memory: Memory[int] = Memory(2)
    for _try in range(2):
        try:
            memory.kept("a", 1, lambda: 1 // 0)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert memory.kept("a", 1, lambda: 1) == 1
