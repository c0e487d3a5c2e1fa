// Placeholder until the first test of searchlight lands.
