"""What every router of the hub uses: problems as answers, and what a request may ask for."""
