"""Which rooms may be made of which parts."""

import pytest

from rooms.validators import CombinationFacts, PartFacts, check_parts

A, B = PartFacts(1, 1, has_parts=False), PartFacts(2, 1, has_parts=False)


def facts(**changes) -> CombinationFacts:
    return CombinationFacts(
        **{
            "room_id": 9,
            "house_id": 1,
            "is_part": False,
            "is_occupied": False,
            "is_expected": False,
            "parts": (A, B),
            **changes,
        }
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"room_id": None},
        {"parts": (), "is_part": True, "is_occupied": True},
        {"is_occupied": True, "part_ids_before": frozenset({1})},
        {"is_expected": True, "part_ids_before": frozenset({1, 2})},
        {"parts": (), "is_expected": True},
    ],
    ids=[
        "a combination",
        "a new one",
        "a plain room",
        "one that was a combination",
        "unchanged",
        "still plain",
    ],
)
def test_parts_that_are_fine(changes):
    assert check_parts(facts(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parts": (A, PartFacts(9, 1, has_parts=False))}, "part_is_itself"),
        ({"parts": (A, PartFacts(3, 2, has_parts=False))}, "part_of_other_house"),
        ({"parts": (A, PartFacts(3, 1, has_parts=True))}, "part_is_combination"),
        ({"is_part": True}, "room_is_part"),
        ({"is_occupied": True}, "room_is_occupied"),
        ({"is_expected": True, "part_ids_before": frozenset({1})}, "combination_is_expected"),
        ({"parts": (), "is_expected": True, "part_ids_before": frozenset({1})}, "combination_is_expected"),
    ],
)
def test_parts_that_are_refused(changes, code):
    assert [reason.code for reason in check_parts(facts(**changes))] == [code]


def test_every_broken_rule_is_told():
    broken = facts(is_part=True, is_occupied=True, parts=(PartFacts(3, 2, has_parts=True),))
    assert [reason.code for reason in check_parts(broken)] == [
        "part_of_other_house",
        "part_is_combination",
        "room_is_part",
        "room_is_occupied",
    ]
