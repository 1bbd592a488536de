load_subconfig("jupyter_config.py")  # noqa: F821  (nbgrader reads no other name; everything is said there)
