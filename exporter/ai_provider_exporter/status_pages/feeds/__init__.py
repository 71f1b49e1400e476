"""RSS and Atom: items, and the incidents that they tell of."""
