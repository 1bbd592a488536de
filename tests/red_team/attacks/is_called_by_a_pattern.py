"""The student's id holds what patterns of file names, quotes, spaces and other alphabets are made of."""

STUDENT = "[a-z]* O'Brien; DROP TABLE student, Zoë {0} %s"
HONEST = True
EARNS = 15
