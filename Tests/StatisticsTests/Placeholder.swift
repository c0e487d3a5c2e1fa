// Placeholder until the first test of Statistics lands.
