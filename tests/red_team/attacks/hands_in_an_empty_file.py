"""The file is empty."""

SHOWS = "is not a notebook"
MARK = "no notebook"
LIKE = "hands_in_half_a_file"


def change(notebook):
    return ""
