// Placeholder until the first file of Evaluators lands.
