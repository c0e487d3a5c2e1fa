// Placeholder until the first test of Randomness lands.
