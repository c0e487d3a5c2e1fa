// Placeholder until the first test of Experiments lands.
