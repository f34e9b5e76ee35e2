"""What answers programs and browsers without a session: registered routes, bounded, by origin."""
