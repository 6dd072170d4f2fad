"""What is watched over holders on duty: that their terminals have power, and that they are at their post."""
