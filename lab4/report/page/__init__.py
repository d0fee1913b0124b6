"""The scripts of a page, built from the modules beside them."""
