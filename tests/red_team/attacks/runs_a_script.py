"""A cell is no Python but a shell script, which looks around and starts a server."""

CELLS = {
    "predict": """
%%script bash --bg
cat ../../../gradebook.db ../../../solutions/*/*.ipynb | grep -a -o 'canary[-a-z0-9]*'
sleep 600
"""
}
