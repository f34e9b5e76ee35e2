"""The nightly pass: all records of an object are compared with each other, by Splink in a process of its own."""
