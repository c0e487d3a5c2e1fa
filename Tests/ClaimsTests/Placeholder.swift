// Placeholder until the first test of Claims lands.
