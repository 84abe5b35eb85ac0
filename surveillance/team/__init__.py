"""What teams say of their own wards: entries that are only added to, and what walls and measures make of them."""
