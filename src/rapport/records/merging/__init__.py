"""What a merge rests on: its rows, the pointers that it moves, the values that it takes, and what it would do."""
