"""What an instructor asks of a class: who lacks what, whose figures are out of line, what was handed in twice."""
