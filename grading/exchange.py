"""Collect from a shared folder without following links.

A submission in the exchange belongs to its student, who can put a link there, even while it is being copied. nbgrader
copies as the instructor, and copies what a link leads to: the gradebook, or a classmate's notebook.
"""

import functools
import os
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

from grading.handed_in import replace_links


class Collect(ExchangeCollect):
    """nbgrader's, except that a link becomes a file that names where it led."""

    def do_copy(self, src, dest, log=None):
        if os.path.islink(src):
            self.log.error("%s is a link to %s, and is not collected", src, os.readlink(src))
            return
        course = self.coursedir
        size = self.get_size(src)
        if size > 1000 * course.max_dir_size:
            self.log.error("%s is not collected: it has %d bytes, more than %d kB", src, size, course.max_dir_size)
            return
        shutil.copytree(
            src,
            dest,
            symlinks=True,
            copy_function=functools.partial(shutil.copy2, follow_symlinks=False),  # it may have become a link by now
            ignore=ignore_patterns(
                exclude=course.ignore, include=course.include, max_file_size=course.max_file_size, log=self.log
            ),
        )
        replace_links(Path(dest))
        if course.groupshared:
            for path, _, names in os.walk(dest):
                os.chmod(path, os.stat(path).st_mode | 0o2770)
                for name in names:
                    os.chmod(Path(path, name), os.stat(Path(path, name)).st_mode | 0o660)
