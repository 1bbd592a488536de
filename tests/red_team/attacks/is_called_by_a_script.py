"""The student's id is a piece of HTML."""

STUDENT = "<img src=x onerror=alert(1)>"
