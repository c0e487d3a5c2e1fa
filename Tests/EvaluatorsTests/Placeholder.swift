// Placeholder until the first test of Evaluators lands.
