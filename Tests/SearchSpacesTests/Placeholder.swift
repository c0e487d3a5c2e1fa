// Placeholder until the first test of SearchSpaces lands.
