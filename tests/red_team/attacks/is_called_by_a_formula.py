"""The student's id is a formula, which runs where the exported scores are opened as a table."""

STUDENT = "=cmd|' C calc'!A0"
