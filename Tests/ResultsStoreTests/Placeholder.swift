// Placeholder until the first test of ResultsStore lands.
