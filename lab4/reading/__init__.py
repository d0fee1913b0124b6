"""Runs, histories and policies as people name them: files, folders, addresses of stores."""
