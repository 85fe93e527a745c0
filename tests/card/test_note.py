from __future__ import annotations

from bokeh_share.card.note import Note, Section, Severity, find_gravest


def test_the_gravest_note_is_the_one_that_the_author_should_act_on_first() -> None:
    notes = [Note(each.name, severity=each) for each in Severity]
    assert find_gravest(notes) == Note("UNREACHABLE", severity=Severity.UNREACHABLE)
    order = []
    while (gravest := find_gravest(notes)) is not None:
        order.append(gravest.text)
        notes.remove(gravest)
    assert order == [
        "UNREACHABLE",
        "MISSING",
        "REJECTED",
        "UNVISITED",
        "RELINKED",
        "ATTACKED",
        "EXPOSED",
        "REDUCED",
    ]
    assert [note.text for note in notes] == ["INFO"]


def test_of_several_that_are_as_grave_the_first_counts() -> None:
    notes = [Note(text, Section.DATA, Severity.EXPOSED) for text in ("a", "b")]
    assert find_gravest(notes) == notes[0]
