// Placeholder until the first test of Datasets lands.
