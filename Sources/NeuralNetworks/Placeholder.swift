// Placeholder until the first file of NeuralNetworks lands.
