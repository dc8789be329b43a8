"""What a study file can name, on the terminal."""

from semisup.engine.console import print_to, results, width_of, wrapped
from semisup.registry import Registry

#: Columns that a summary must have beside its name; otherwise it stands below it.
_LEAST = 36


def tell(kind: str, entries: Registry) -> None:
    """Print the names of one registry, each with what it is."""
    print_to(results(), kind, "step")
    names = entries.names()
    longest = max(map(len, names))
    columns = width_of(results())
    beside = columns is None or columns - longest - 3 >= _LEAST
    margin = longest + 3 if beside else 4
    for name in names:
        lines = wrapped(" " * margin + entries.summary(name), columns)
        if beside:
            lines[0] = f"  {name:<{longest}} {lines[0][margin:]}"
        else:
            lines.insert(0, f"  {name}")
        for line in lines:
            results().print(line, markup=False)
