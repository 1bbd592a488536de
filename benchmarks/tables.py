"""Tables in Markdown that can be read as plain text too."""


def markdown(columns, rows):
    """A table, the first column left-aligned and the others right-aligned.

    Examples
    --------
    >>> print(markdown(("who", "s"), [("ours", "1.5")]))
    | who  |   s |
    |:-----|----:|
    | ours | 1.5 |
    """
    lines = [columns, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]

    def written(line):
        numbers = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        return f"| {' | '.join([line[0].ljust(widths[0]), *numbers])} |"

    rule = f"|:{'-' * (widths[0] + 1)}|{'|'.join('-' * (width + 1) + ':' for width in widths[1:])}|"
    return "\n".join([written(columns), rule, *map(written, rows)])
