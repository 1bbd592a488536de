"""Outputs hold scripts, frames and handlers, which run where somebody reads them."""

from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

SCRIPT = (
    "<script>steal('live')</script><img src=x onerror=\"steal('live')\"><iframe srcdoc='<script>1</script>'></iframe>"
)


def linear_forward():
    script = "<script>steal('live')</script><img src=x onerror=\"steal('live')\"><a href='javascript:steal()'>x</a>"
    for kind in (HTML, Markdown, Latex, Javascript):
        display(kind(script))
    display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg'>{'<script>steal(1)</script>'}</svg>"))
    display({"text/html": script, "application/vnd.jupyter.widget-view+json": {"model_id": script}}, raw=True)
    print(script)


def predict():
    script = "<script>steal('live')</script><img src=x onerror=\"steal('live')\">"
    raise type(script, (Exception,), {})(script)


def softmax():
    def softmax(Z):
        script = "</pre><script>steal('live')</script>"
        print(script)
        raise ValueError(script)
