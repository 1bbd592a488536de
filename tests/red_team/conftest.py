"""No file in here holds tests, and none is to be imported because of its examples; see `tests/test_red_team.py`."""

collect_ignore_glob = ["*"]
