"""Images, masks, polygons and label maps as users have them: what a file holds, and what it means."""
