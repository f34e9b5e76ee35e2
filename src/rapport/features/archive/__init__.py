"""The whole organisation as one archive, and the way back into an empty deployment, on either database."""
