"""What `make bench` runs: speed, memory and payload of Rapport, beside the bare database doing the same work."""
