"""The written answer is a script, and so is a cell's title."""

CELLS = {
    "shift-invariance-proof": """
<script>steal('live')</script>

<img src=x onerror="steal('live')"> [click](javascript:steal) <iframe srcdoc="<script>steal('live')</script>"></iframe>

$$\\href{javascript:steal()}{x} \\text{</script><script>steal('live')</script>}$$

### BEGIN HIDDEN TESTS
"""
}
