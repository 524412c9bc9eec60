"""What was judged, and what it teaches."""
