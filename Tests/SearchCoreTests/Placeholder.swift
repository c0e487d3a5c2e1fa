// Placeholder until the first test of SearchCore lands.
