// Placeholder until the first file of TensorCore lands.
