"""What users are told of: on a page with a count in the frame, by push, by mail at once or once a day."""
