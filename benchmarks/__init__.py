"""What things cost, ours beside a floor and beside peers in one run; ratios count, not seconds."""
