"""The notebook is a link to a classmate's, who solved everything."""

MARK = "no notebook"


def files(folder, port):
    (folder / "softmax.ipynb").unlink()
    (folder / "softmax.ipynb").symlink_to("../../anna/02-softmax/softmax.ipynb")
