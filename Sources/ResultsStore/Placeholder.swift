// Placeholder until the first file of ResultsStore lands.
