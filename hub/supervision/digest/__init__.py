"""The daily digest: what came in, what is late, where it is weak, and what was left out."""
