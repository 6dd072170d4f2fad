"""The edge node: it watches cameras, confirms faults, and delivers them though the line be down."""

VERSION = "0.1.0"
