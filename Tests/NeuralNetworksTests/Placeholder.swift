// Placeholder until the first test of NeuralNetworks lands.
