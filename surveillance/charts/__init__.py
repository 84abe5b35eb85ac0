"""What the readings of the past say over time: weeks as points, points as control charts, gaps as gaps."""
