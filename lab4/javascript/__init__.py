"""Runtimes that are JavaScript, in processes of Node and in pages of a browser: started, asked, timed and ended."""
