"""The instructor's report: who is stuck where, and what to teach again, on one page that needs nothing else.

`grading.report.records` reads what was graded, `measures`, `flags` and `alike` are pure functions from that to plain
data, `drawings` and `page` show it. The page names students, so it is for instructors alone. The same gradebook, the
same notebooks and the same kept seconds give the same page, byte by byte.
"""
