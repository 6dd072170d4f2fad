"""The edge node: it watches cameras, confirms faults, and delivers them even after the line was down."""

VERSION = "0.1.0"
