// Placeholder until the first test of TensorCore lands.
