"""What a page shows, as plain values: filled from models and queries here, so that views and templates stay thin."""
