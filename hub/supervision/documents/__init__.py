"""Documents of the centre: HTML from templates, and the same as PDF."""
