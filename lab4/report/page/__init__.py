"""The scripts of a page, built from the modules in this folder: npm ci --ignore-scripts && npm run build."""
