"""The decode engine: the only room that knows torch and transformers. Import its modules lazily."""
