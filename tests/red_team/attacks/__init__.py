"""One attack or mishap a file; see `red_team.attack` for what may stand in it."""
