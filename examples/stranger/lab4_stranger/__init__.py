"""What a package outside of lab4 adds to it: one entry for each axis, one file each."""
