"""Remote management: the configuration and the model that the hub desires, and what is reported."""
