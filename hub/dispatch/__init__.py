"""Who is sent to a case, who is asked next, and orders to many devices."""
