"""The pages of a site: static files that need no server, and ask for nothing but the files next to them."""

#: The file of a site that lists all others, by which a later build knows that it may replace them.
MARKER = ".lab4-site"
