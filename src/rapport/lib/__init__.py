"""Pure helpers: no models, no rooms, nothing of the business."""
