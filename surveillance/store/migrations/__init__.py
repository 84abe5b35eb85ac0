"""The history of the store's tables, applied at start by ``surveillance.store.upgrading``."""
